/**
 * What became of an update that may be several: a withdrawal whose frame holds no more goes out in parts. It is delivered to a store
 * once each of them is, and refused where one of them is.
 */
import { chunks } from '../../domain/chunks.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { PublishedUpdate, UpdateLog } from '../updates/update-log.ts';
import type { Receipt } from './receipt-rows.ts';

const READ_AT_ONCE = 8;

/** An update as it was published under the id that its publisher knows. */
export interface WholeUpdate extends PublishedUpdate {
  /** Its own id first. */
  ids: string[];
  /** Every part is in the log: until then no store has all of it. */
  isWhole: boolean;
}

/** Of which it is asked who has it. */
export type Delivered = Pick<WholeUpdate, 'ids' | 'isWhole' | 'update'>;

/** One that has no parts: all but withdrawals. */
export function single(update: Update): Delivered {
  return { update, ids: [update.id], isWhole: true };
}

/** @param id of the update, or of a part of it @returns undefined where nothing is known under it */
export async function wholeOf(id: string, log: Pick<UpdateLog, 'find'>): Promise<WholeUpdate | undefined> {
  const found = await log.find(id);
  const whole = found?.update.partOf === undefined ? found : await log.find(found.update.partOf);
  return whole && { ...whole, ...(await partsOf(whole, log)) };
}

/** The same of many, each once, however many of its parts are named; what nothing is known of is passed over. */
export async function wholesOf(ids: readonly string[], log: Pick<UpdateLog, 'find'>): Promise<WholeUpdate[]> {
  const wholes = new Map<string, WholeUpdate>();
  for (const some of chunks([...new Set(ids)], READ_AT_ONCE)) {
    const found = await Promise.all(some.map(id => wholeOf(id, log)));
    for (const whole of found) if (whole !== undefined) wholes.set(whole.update.id, whole);
  }
  return [...wholes.values()];
}

/** The ids of an update and its parts. Nothing is read for one that has none. */
export async function partsOf(
  { positions, rest, update }: PublishedUpdate,
  log: Pick<UpdateLog, 'find'>,
): Promise<Pick<WholeUpdate, 'ids' | 'isWhole'>> {
  if (rest === undefined) return { ids: [update.id], isWhole: positions !== undefined };
  const next = await log.find(rest.id);
  const behind = next === undefined ? { ids: [rest.id], isWhole: false } : await partsOf(next, log);
  return { ...behind, ids: [update.id, ...behind.ids] };
}

/** One receipt for each store that has answered all of it, or refused some. @param received by the ids of its parts */
export function receiptsOfWhole(
  { ids, isWhole }: Pick<WholeUpdate, 'ids' | 'isWhole'>,
  received: ReadonlyMap<string, readonly Receipt[]>,
): readonly Receipt[] {
  const [own = [], ...others] = ids.map(id => received.get(id) ?? []);
  if (others.length === 0) return own;
  const byStore = new Map<string, Receipt[]>();
  for (const receipt of [...own, ...others.flat()])
    byStore.set(receipt.storeId, [...(byStore.get(receipt.storeId) ?? []), receipt]);
  return [...byStore.values()].flatMap(receipts => {
    const refused = receipts.find(({ outcome }) => outcome === 'rejected');
    if (refused !== undefined) return [refused];
    if (!isWhole || receipts.length < ids.length) return [];
    return [receipts.reduce((last, receipt) => (receipt.at > last.at ? receipt : last))];
  });
}
