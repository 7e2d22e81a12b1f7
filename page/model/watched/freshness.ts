/** How far what the page shows can be believed: by when the chain was last heard, not by what a socket says of itself. */

export interface Contact {
  /** `connecting` at first; `down` when it was lost and is being restored. */
  line: 'connecting' | 'live' | 'down';
  /** When the chain was last heard, by a frame or an answer; milliseconds of the chain's time. */
  heardAt: number | undefined;
  /** Whether the latest request got no answer at all. */
  isUnreachable: boolean;
  /** When the browser said that this device lost its network; undefined while it has one. */
  offlineAt: number | undefined;
}

/** `waiting`: nothing was heard for some seconds. `cut`: there is no connection, and the figures are those of `asOf`. */
export type Freshness =
  | { state: 'connecting' }
  | { state: 'live'; asOf: number }
  | { state: 'waiting'; asOf: number; silentMs: number }
  | { state: 'cut'; asOf: number | undefined };

const WAITING_AFTER_MS = 10_000;
const CUT_AFTER_MS = 30_000;
/** A browser says `offline` also where the chain is on this very device: a line that is silent is asked after five seconds. */
const OFFLINE_CUT_AFTER_MS = 7_000;

/** @param now the chain's time in milliseconds */
export function freshnessOf(contact: Contact, now: number): Freshness {
  const { heardAt, isUnreachable, line, offlineAt } = contact;
  if (heardAt === undefined)
    return isUnreachable ? { state: 'cut', asOf: undefined } : { state: 'connecting' };
  const silentMs = Math.max(0, now - heardAt);
  const cutAfterMs = offlineAt === undefined ? CUT_AFTER_MS : OFFLINE_CUT_AFTER_MS;
  const isCut = silentMs >= cutAfterMs || (line === 'down' && isUnreachable);
  if (isCut) return { state: 'cut', asOf: heardAt };
  if (silentMs >= WAITING_AFTER_MS || line === 'down') return { state: 'waiting', asOf: heardAt, silentMs };
  return line === 'live' ? { state: 'live', asOf: heardAt } : { state: 'connecting' };
}

/** The time for which figures are drawn: once nothing is heard they stand still, and what they are compared with, too. */
export function shownAt(freshness: Freshness, now: number): number {
  if (freshness.state === 'connecting' || freshness.state === 'live') return now;
  return freshness.asOf ?? now;
}
