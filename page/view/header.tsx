/** Whose page it is, whether it is live, which region it shows, and which time zone its times are in. */
import type { ComponentChildren } from 'preact';
import { zoneName } from '../format.ts';

export interface HeaderProps {
  /** How fresh it is, and what else belongs beside the name. */
  children: ComponentChildren;
  name: string;
  now: number;
  signOut: () => void;
}

export function Header({ children, name, now, signOut }: HeaderProps) {
  return (
    <header class="top">
      <h1 class="brand">storecast</h1>
      {children}
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
