/** What the entries of a log come to, each with what is known of its update by its id. */
import { type Positions, toFrame, type Update } from '../../domain/updates/update.ts';
import type { ReadEntry } from './entry-cache.ts';
import type { LogEntry } from './update-items.ts';

/**
 * An entry as stores get it; settled if it will never change. `incomplete`: its update has yet to claim a position in
 * another channel, and no catch-up reads past it. `gone`: nobody knows its update any more.
 */
export type Resolved = (ReadEntry & { isSettled: boolean }) | 'incomplete' | 'gone';

/** After so long the worker of an incomplete update and the worker's retries have given up, and it counts as it is. */
export const INCOMPLETE_MS = 300_000;

/** @param known what is known by the entry's id; not needed where the entry has all itself */
export function resolve(
  entry: LogEntry,
  known: { update: Update; positions: Positions | undefined } | undefined,
  now: number,
): Resolved {
  const update = entry.update ?? known?.update;
  const positions = entry.positions ?? known?.positions;
  if (update === undefined) return 'gone';
  if (positions === undefined && known !== undefined && entry.appendedAt > now - INCOMPLETE_MS)
    return 'incomplete';
  const frame =
    positions === undefined
      ? toFrame(withoutEffect(update), { [entry.channel]: entry.position })
      : toFrame(update, positions);
  return {
    entry: { position: entry.position, update: frame },
    bytes: Buffer.byteLength(JSON.stringify(frame)),
    expiresAt: entry.expiresAt,
    isSettled: positions !== undefined,
  };
}

/** A withdrawal that brings nothing back would leave stores without prices: a part of it will say all (`postponed`). */
function withoutEffect(update: Update): Update {
  if (update.kind !== 'price.withdrawn') return update;
  return { ...update, data: { ...update.data, skus: [], restored: [] } };
}

/** From where on entries past a position go on without a gap, if there is one; 1 if none of them is left. */
export function lostBefore(entries: readonly LogEntry[], position: number): number | undefined {
  if (entries.length === 0) return 1;
  let lost: number | undefined;
  let previous = position;
  for (const entry of entries) {
    if (entry.position !== previous + 1) lost = entry.position;
    previous = entry.position;
  }
  return lost;
}
