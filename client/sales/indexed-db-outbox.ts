/** The outbox of a browser: a record for each sale, numbered in the order of its coming. */
import { DatabaseStore } from '../storage/indexed-db.ts';
import { takeWebLock } from '../storage/web-lock.ts';
import { IndexedDbMessages } from './indexed-db-messages.ts';
import {
  OutboxInUseError,
  type OutboxStorage,
  type Refusal,
  type StoredSale,
  saleKey,
} from './outbox-storage.ts';

const STORE = 'sales';

/**
 * Keeps sales in the database `name`. One tab at a time uses it, where the browser has Web Locks: the others get
 * {@link OutboxInUseError}.
 */
export function indexedDbOutbox(name: string): OutboxStorage {
  return new IndexedDbOutbox(name);
}

interface Entry {
  number: number;
  stored: StoredSale;
}

class IndexedDbOutbox implements OutboxStorage {
  readonly #name: string;
  readonly #database: DatabaseStore;
  readonly #held = new Map<string, Entry>();
  readonly messages: IndexedDbMessages;
  #last = 0;
  #unlock: (() => void) | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#database = new DatabaseStore(name, STORE);
    this.messages = new IndexedDbMessages(name);
  }

  async load(): Promise<StoredSale[]> {
    this.#unlock ??= await takeWebLock(`storecast outbox ${this.#name}`);
    if (this.#unlock === undefined) throw new OutboxInUseError(`another tab uses the outbox ${this.#name}`);
    const [numbers, all] = await this.#database.read<[unknown[], unknown[]]>(sales => [
      sales.getAllKeys(),
      sales.getAll(),
    ]);
    for (const [index, stored] of (all as StoredSale[]).entries()) {
      this.#last = Number(numbers[index]);
      this.#held.set(saleKey(stored.sale), { number: this.#last, stored });
    }
    return [...this.#held.values()].map(({ stored }) => stored);
  }

  async append(sale: StoredSale['sale']): Promise<void> {
    const number = this.#held.get(saleKey(sale))?.number ?? this.#last + 1;
    this.#last = Math.max(this.#last, number);
    await this.#put([{ number, stored: { sale } }]);
  }

  async settle(keys: readonly string[], refused: readonly Refusal[]): Promise<void> {
    const gone = keys.flatMap(key => this.#held.get(key) ?? []);
    const marked = refused.flatMap(refusal => {
      const entry = this.#held.get(saleKey(refusal));
      return entry === undefined ? [] : [{ ...entry, stored: { ...entry.stored, refusal } }];
    });
    await this.#put(marked, gone);
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.messages.close();
    this.#unlock?.();
    this.#unlock = undefined;
  }

  async #put(entries: readonly Entry[], gone: readonly Entry[] = []): Promise<void> {
    await this.#database.write(sales => {
      for (const { number } of gone) sales.delete(number);
      for (const { number, stored } of entries) sales.put(stored, number);
    });
    for (const { stored } of gone) this.#held.delete(saleKey(stored.sale));
    for (const entry of entries) this.#held.set(saleKey(entry.stored.sale), entry);
  }
}
