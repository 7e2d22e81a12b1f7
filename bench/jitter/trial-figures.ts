/** The figures of a trial, by the names that they have in the table. */

import type { Result } from './trial.ts';
import { backAfter, countsOf, percentile, redialsOf, replaysOf } from './trial-counts.ts';

export interface Figure {
  name: string;
  unit: string;
  /** Null is a dash: the peer can't do it, or it never came to it. */
  value: number | null;
}

export const MISSED = 'prices missed';
export const DOUBLED = 'updates handed over twice';
export const LATE = 'offers handed over after their end';
export const PROVEN = 'prices proven to the publisher, of those delivered';
export const REPLAY = 'replay after a cut, p99';
export const CURRENT = 'restart: until all stores are current';

export function figuresOf(result: Result): Figure[] {
  const counts = countsOf(result);
  const [redials, replays] = [redialsOf(result), replaysOf(result)];
  const figure = (name: string, unit: string, value: number | undefined): Figure => ({
    name,
    unit,
    value: value ?? null,
  });
  return [
    figure('prices delivered', '%', (100 * counts.delivered) / counts.due),
    figure(MISSED, '', counts.due - counts.delivered),
    figure(DOUBLED, '', counts.doubled),
    figure('of these, since the restart', '', counts.doubledByRestart),
    figure('offers handed over in time', '%', (100 * counts.offersInTime) / counts.offers),
    figure(LATE, '', counts.offersLate),
    figure('the latest of them, after its end', 'ms', counts.offersLate === 0 ? undefined : counts.latestMs),
    figure(
      PROVEN,
      '%',
      result.receipts === undefined ? undefined : (100 * result.receipts) / counts.delivered,
    ),
    figure('network back to the next connection, p50', 'ms', percentile(redials, 0.5)),
    figure('network back to the next connection, p99', 'ms', percentile(redials, 0.99)),
    figure('replay after a cut, p50', 'ms', percentile(replays, 0.5)),
    figure(REPLAY, 'ms', percentile(replays, 0.99)),
    figure('restart: until it takes an update', 'ms', result.downMs),
    figure(CURRENT, 'ms', backAfter(result)),
    figure('CPU of the server', 'ms a minute', result.cpuMs),
    figure('memory of the server, peak', 'MB', result.peakBytes / 1e6),
  ];
}
