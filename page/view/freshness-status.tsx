/** Whether what the page shows is of now: told by a sign, in words, and by the moment that it is of. */
import { exactTime } from '../format.ts';
import type { Freshness } from '../model/watched/freshness.ts';

export interface FreshnessStatusProps {
  freshness: Freshness;
  now: number;
  retry: () => void;
}

const WORDS: Record<Freshness['state'], string> = {
  connecting: 'Connecting…',
  live: 'Live',
  waiting: 'Waiting',
  cut: 'No connection',
};

export function FreshnessStatus({ freshness, now, retry }: FreshnessStatusProps) {
  const { state } = freshness;
  return (
    <div class="line" data-line={state}>
      <p>
        {/* Said once: a figure that changes each second is nothing to read out. */}
        <b role="status">{WORDS[state]}</b>
        <span>{beside(freshness, now)}</span>
      </p>
      {state === 'cut' && (
        <button type="button" onClick={retry}>
          Try now
        </button>
      )}
    </div>
  );
}

function beside(freshness: Freshness, now: number): string {
  switch (freshness.state) {
    case 'live':
      return ` · as of ${exactTime(freshness.asOf, now)}`;
    case 'waiting':
      return ` ${Math.floor(freshness.silentMs / 1_000)} s`;
    case 'cut':
      return freshness.asOf === undefined ? '' : ` since ${exactTime(freshness.asOf, now)}`;
    default:
      return '';
  }
}
