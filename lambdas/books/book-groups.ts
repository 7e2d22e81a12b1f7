/**
 * Stores of equal placement that stand at the same positions must have the same book: where they don't, most of them are
 * right. No book needs to be read for that.
 */
import { canonicalJson } from '../../domain/json.ts';
import type { RosterStore } from '../registry/store-items.ts';

/** A store that has told of its book. */
export type BookHolder = RosterStore & { book: string };

/** From here on most of them are right. */
const FEWEST_WITNESSES = 3;

export function isHolder(store: RosterStore): store is BookHolder {
  return store.book !== undefined;
}

export function bookGroups(holders: readonly BookHolder[]): BookHolder[][] {
  return [...Map.groupBy(holders, groupOf).values()];
}

/** The hash that most of a group agree on; undefined where they are too few, or too much divided. */
export function agreedHash(group: readonly BookHolder[]): string | undefined {
  if (group.length < FEWEST_WITNESSES) return undefined;
  const byHash = Map.groupBy(group, ({ book }) => book);
  return [...byHash].find(([, holders]) => holders.length * 2 > group.length)?.[0];
}

/** What a store's own channel has brought no other store has. */
function groupOf({ groups, positions, region, storeId, timeZone }: RosterStore): string {
  const { [`store/${storeId}`]: own = 0, ...shared } = positions;
  return canonicalJson({
    region,
    groups: [...groups].sort(),
    timeZone,
    shared,
    own: own === 0 ? 0 : [storeId, own],
  });
}
