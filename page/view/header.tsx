/** Whose page it is, whether it is live, and which time zone its times are in. */
import { zoneName } from '../format.ts';
import type { LineState } from '../model/model.ts';

export interface HeaderProps {
  line: LineState;
  name: string;
  now: number;
  signOut: () => void;
}

const WORDS: Record<LineState, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  down: 'Not live',
};

export function Header({ line, name, now, signOut }: HeaderProps) {
  return (
    <header class="top">
      <h1 class="brand">storecast</h1>
      <p class="line" data-line={line} role="status">
        {WORDS[line]}
      </p>
      <p class="zone">
        Times in <b>{zoneName(now)}</b>
      </p>
      <p class="name" title="Signed in as">
        {name}
      </p>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    </header>
  );
}
