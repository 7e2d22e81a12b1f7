/** The updates of a rollout's waves: to named stores, as many in one as its frame holds, and the last to the audience itself. */
import { encodeUpdate, MAX_UPDATE_BYTES, positionBytes, type Update } from './update.ts';

/** Of an audience (channels.ts). */
const MOST_STORES = 1_000;
/** Of channels in one update that may be taken back: the rest of a frame is for the prices that its withdrawal brings back. */
export const MOST_POSITION_BYTES = 12_000;

/** Stores of a wave, by the update that they get. @throws UpdateTooLargeError if the update alone is too large */
export function partsOf(update: Update, stores: readonly string[]): string[][] {
  const left = MAX_UPDATE_BYTES - new TextEncoder().encode(encodeUpdate(update, {})).length;
  const room = Math.min(left, MOST_POSITION_BYTES);
  const parts: string[][] = [];
  let part: string[] = [];
  let bytes = 0;
  for (const store of stores) {
    const own = positionBytes(`store/${store}`);
    if (part.length > 0 && (part.length === MOST_STORES || bytes + own > room)) {
      parts.push(part);
      [part, bytes] = [[], 0];
    }
    part.push(store);
    bytes += own;
  }
  return part.length === 0 ? parts : [...parts, part];
}

/** What is published of an update under another id. @param stores undefined is the update's own audience */
export function waveUpdate(
  { rollout: _, ...update }: Update,
  id: string,
  stores?: readonly string[],
): Update {
  // Somebody waits for the receipts of a wave: the rollout itself.
  const own = { ...update, id, receipts: 'now' as const };
  return stores === undefined ? own : { ...own, audience: { regions: [], groups: [], stores: [...stores] } };
}
