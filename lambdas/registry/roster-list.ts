/**
 * Every store of the roster in the order of the ids: the index `list` of the `stores` table, which has the placements and
 * nothing that changes as stores are heard. So it is a part of the table's size, and is written as stores come, move and
 * go. It follows its table within moments.
 */
import { STORE_LIST_INDEX } from '../../domain/names.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import { expression, type Path } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { type Drift, driftOf, placementIn, store } from './store-items.ts';
import { parts } from './store-parts.ts';

/** A store as lists need it. */
export interface ListedStore extends StorePlacement {
  /** Milliseconds since the epoch. */
  firstSeenAt: number;
}

const { adriftBook, adriftSince, expectedBook, firstSeenAt, isAdrift, part, storeId } = store.attributes;
const { groups, placedGroups, placedRegion, region } = store.attributes;
const placements = [storeId, firstSeenAt, region, groups, placedRegion, placedGroups];
const marks = [storeId, adriftBook, expectedBook, adriftSince, isAdrift];

export class RosterList {
  readonly #table: Table<typeof store>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, store);
  }

  /** The stores of a part, page by page. */
  async *of(number: number): AsyncGenerator<ListedStore[]> {
    for await (const items of this.#table.query(queryOf(number, placements)))
      yield items.map(item => ({ ...placementIn(item), firstSeenAt: firstSeenAt.of(item) ?? 0 }));
  }

  /** All of them. */
  async *all(): AsyncGenerator<ListedStore[]> {
    for (const number of parts) yield* this.of(number);
  }

  /**
   * Ids of stores, the first ones behind a given one; each part is asked for as many.
   *
   * @returns one more than `limit` where there are more
   */
  async idsAfter(after: string | undefined, limit: number): Promise<string[]> {
    const found = await Promise.all(
      parts.map(async number => {
        const isOfPart = part.is(number);
        const where =
          after === undefined ? isOfPart : expression`${isOfPart} AND ${storeId} > ${storeId.value(after)}`;
        const query = { ...queryOf(number, [storeId]), where, limit: limit + 1 };
        const { items } = await this.#table.page(query);
        return items.map(item => storeId.of(item));
      }),
    );
    return found
      .flat()
      .sort()
      .slice(0, limit + 1);
  }

  /** The stores whose book was found to be another one than it should be, in the order of their ids. */
  async adrift(): Promise<{ storeId: string; drift: Drift }[]> {
    const found = await Promise.all(parts.map(number => this.#adriftIn(number)));
    return found.flat().sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
  }

  async #adriftIn(number: number): Promise<{ storeId: string; drift: Drift }[]> {
    const found: { storeId: string; drift: Drift }[] = [];
    const filter = expression`attribute_exists(${adriftBook})`;
    for await (const items of this.#table.query({ ...queryOf(number, marks), filter })) {
      for (const item of items) {
        const drift = driftOf(item);
        if (drift !== undefined) found.push({ storeId: storeId.of(item), drift });
      }
    }
    return found;
  }
}

function queryOf(number: number, attributes: readonly Path[]) {
  return { index: STORE_LIST_INDEX, where: part.is(number), attributes };
}
