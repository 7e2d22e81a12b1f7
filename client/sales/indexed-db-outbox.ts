/** The outbox of a browser: a record for each sale, numbered in the order of its coming. Not tested yet. */
import { lazyDatabase, settled, write } from '../storage/indexed-db.ts';
import type { OutboxStorage, StoredSale } from './outbox-storage.ts';

const STORE = 'sales';

/** Keeps sales in a database of their own, called `name`. One page at a time may use it. */
export function indexedDbOutbox(name: string): OutboxStorage {
  const held = new Map<string, { number: number; stored: StoredSale }>();
  let last = 0;
  const opened = lazyDatabase(name, STORE);
  return {
    async load() {
      const sales = (await opened()).transaction(STORE, 'readonly').objectStore(STORE);
      // Both requests before either answer: a transaction ends as soon as nothing is asked of it.
      const [numbers, all] = await Promise.all([settled(sales.getAllKeys()), settled(sales.getAll())]);
      for (const [index, stored] of (all as StoredSale[]).entries()) {
        last = Number(numbers[index]);
        held.set(stored.sale.saleId, { number: last, stored });
      }
      return [...held.values()].map(({ stored }) => stored);
    },
    async append(sale) {
      last += 1;
      const entry = { number: last, stored: { sale } };
      await write(await opened(), STORE, sales => sales.put(entry.stored, entry.number));
      held.set(sale.saleId, entry);
    },
    async settle(saleIds, refused) {
      const gone = saleIds.flatMap(id => held.get(id) ?? []);
      const marked = refused.flatMap(refusal => {
        const entry = held.get(refusal.saleId);
        return entry === undefined ? [] : [{ ...entry, stored: { ...entry.stored, refusal } }];
      });
      for (const id of saleIds) held.delete(id);
      for (const entry of marked) held.set(entry.stored.sale.saleId, entry);
      await write(await opened(), STORE, sales => {
        for (const { number } of gone) sales.delete(number);
        for (const { number, stored } of marked) sales.put(stored, number);
      });
    },
    async close() {
      (await opened()).close();
    },
  };
}
