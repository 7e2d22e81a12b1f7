/**
 * The sales that the chain has not accepted: stored before the till is told so, in the order of its calls, and kept
 * until the chain has them, or, if it refused them, until an operator clears them.
 */
import type { Sale, SaleInput } from '../../domain/sales/sale.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import { type OutboxStorage, type Refusal, type StoredSale, saleKey } from './outbox-storage.ts';
import { bytesOf, checkInput, MAX_SALE_BYTES, mayWait, SaleError, waitOf } from './sale-check.ts';

export interface OutboxCounts {
  /** Not accepted yet, and on their way. */
  unsent: number;
  /** Kept until they are cleared. */
  refused: number;
}

/** A sale that the chain will never take as it is. */
export interface RefusedSale {
  readonly sale: Sale;
  readonly code: string;
  readonly message: string;
}

/** Sales for one frame, the oldest first; no two of one id, since the chain's answer names nothing else. */
export interface SalesBatch {
  sales: Sale[];
  /** Nothing more fits. */
  isFull: boolean;
  /** When its first sale was stored. */
  since: number;
  /** Milliseconds until the first sale is due that is ahead of the chain's time; infinite if none is. */
  dueInMs: number;
}

export interface OutboxOptions {
  storage: OutboxStorage;
  clock: Clock;
  serverClock: ServerClock;
  /** There is one sale more to send. */
  stored: () => void;
  changed: (counts: OutboxCounts) => void;
  failed: (error: Error) => void;
  /** The sale with the prices that are listed as it is sold. */
  listed: (sale: Sale) => Sale;
}

interface Unsent {
  sale: Sale;
  bytes: number;
  since: number;
}

/** Gathered for a frame. */
const BATCH_BYTES = 30_000;

export class Outbox {
  readonly #options: OutboxOptions;
  /** On their way to the disk; by their keys, as all of them. */
  readonly #storing = new Map<string, { sale: Sale; stored: Promise<void> }>();
  readonly #unsent = new Map<string, Unsent>();
  readonly #refused = new Map<string, RefusedSale>();
  /** Writes under way: `close` waits for them, since their callers may not. */
  readonly #writes = new Set<Promise<void>>();
  #loading: Promise<void> | undefined;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get unsent(): number {
    return this.#unsent.size;
  }

  get refused(): RefusedSale[] {
    return [...this.#refused.values()];
  }

  /** Whether the chain has still to answer for this very sale: another one may have its name by now. */
  isHeld(sale: Sale): boolean {
    return this.#unsent.get(saleKey(sale))?.sale === sale;
  }

  /** Reads what the last process left; again only after a failure. */
  load(): Promise<void> {
    if (this.#loading === undefined) {
      this.#loading = this.#restore();
      this.#loading.catch(() => {
        this.#loading = undefined;
      });
    }
    return this.#loading;
  }

  /** @throws SaleError */
  async send(input: SaleInput): Promise<void> {
    const sale = checkInput(input, this.#options.serverClock);
    await this.load();
    this.#assertOpen(`sale ${sale.saleId} is not stored`);
    const key = saleKey(sale);
    const storing = this.#storing.get(key);
    const held = storing ?? this.#unsent.get(key) ?? this.#refused.get(key);
    if (held !== undefined && textOf(held.sale) !== textOf(sale)) {
      throw new SaleError('sale_id_taken', `another sale in the outbox is called ${key}`);
    }
    if (held === undefined) await this.#store(...this.#withListed(sale));
    else if (this.#refused.has(key)) await this.#retry(key);
    else await storing?.stored;
  }

  /**
   * As many of the oldest as fit a frame, `limit` at most. One that is ahead of the chain's time waits.
   *
   * @param soldBefore milliseconds since the epoch
   */
  batch(limit: number, soldBefore = Number.POSITIVE_INFINITY): SalesBatch {
    const infinite = Number.POSITIVE_INFINITY;
    const batch: SalesBatch = { sales: [], isFull: false, since: infinite, dueInMs: infinite };
    let size = 0;
    const ids = new Set<string>();
    for (const { sale, bytes, since } of this.#unsent.values()) {
      if (Date.parse(sale.soldAt) >= soldBefore || ids.has(sale.saleId)) continue;
      const dueInMs = waitOf(sale, this.#options.serverClock);
      if (dueInMs > 0) {
        batch.dueInMs = Math.min(batch.dueInMs, dueInMs);
        continue;
      }
      size += bytes + 1;
      if (batch.sales.length > 0 && size > BATCH_BYTES) return { ...batch, isFull: true };
      batch.sales.push(sale);
      ids.add(sale.saleId);
      batch.since = Math.min(batch.since, since);
      if (batch.sales.length === limit) return { ...batch, isFull: true };
    }
    return batch;
  }

  /** The chain's answer, which may come late, twice, or for a part. */
  settle(accepted: readonly Sale[], rejected: readonly RefusedSale[]): void {
    const gone = accepted.map(saleKey).filter(key => this.#unsent.delete(key));
    const refused = rejected.filter(refusal => !this.#isEarly(refusal) && this.#mark(refusal));
    if (gone.length === 0 && refused.length === 0) return;
    this.#changed();
    this.#strike(gone, refused.map(refusalOf));
  }

  /** Puts a refused sale back among those to be sent; nothing happens if no such sale was refused. @param till @default any */
  async retryRefused(saleId: string, till?: string): Promise<void> {
    await this.load();
    this.#assertOpen(`sale ${saleId} is not sent again`);
    for (const key of this.#refusedKeys(saleId, till)) await this.#retry(key);
  }

  /** For good; nothing happens if no such sale was refused. @param till @default any */
  async clearRefused(saleId: string, till?: string): Promise<void> {
    await this.load();
    this.#assertOpen(`sale ${saleId} is not cleared`);
    const keys = this.#refusedKeys(saleId, till);
    if (keys.length === 0) return;
    for (const key of keys) this.#refused.delete(key);
    this.#changed();
    await this.#tracked(this.#options.storage.settle(keys, []));
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#writes]);
    await this.#options.storage.close?.();
  }

  #refusedKeys(saleId: string, till: string | undefined): string[] {
    return this.refused
      .filter(({ sale }) => sale.saleId === saleId && (till === undefined || sale.till === till))
      .map(({ sale }) => saleKey(sale));
  }

  async #retry(key: string): Promise<void> {
    const refused = this.#refused.get(key);
    if (refused === undefined) return;
    this.#refused.delete(key);
    try {
      await this.#store(refused.sale, bytesOf(refused.sale));
    } catch (error) {
      this.#refused.set(key, refused);
      throw error;
    }
  }

  /** Where they would make it too large, it goes without. */
  #withListed(sale: Sale): [Sale, number] {
    const listed = this.#options.listed(sale);
    const bytes = bytesOf(listed);
    return bytes > MAX_SALE_BYTES ? [sale, bytesOf(sale)] : [listed, bytes];
  }

  #assertOpen(problem: string): void {
    if (this.#closed) throw new Error(`${problem}: the client is closed`);
  }

  /** Refused for now alone: it stays, and goes when it is due. */
  #isEarly({ code, sale }: RefusedSale): boolean {
    return code === 'sold_in_future' && this.isHeld(sale) && mayWait(sale, this.#options.serverClock);
  }

  async #store(sale: Sale, bytes: number): Promise<void> {
    const stored = this.#tracked(this.#append(sale, bytes));
    this.#storing.set(saleKey(sale), { sale, stored });
    try {
      await stored;
    } finally {
      this.#storing.delete(saleKey(sale));
    }
  }

  async #append(sale: Sale, bytes: number): Promise<void> {
    const { storage, clock, stored } = this.#options;
    await storage.append(sale);
    this.#unsent.set(saleKey(sale), { sale, bytes, since: clock.now() });
    this.#changed();
    stored();
  }

  async #restore(): Promise<void> {
    const { storage, failed, stored } = this.#options;
    const sales = await storage.load(failed);
    for (const { sale, refusal } of sales) this.#enter(sale, refusal);
    if (sales.length === 0) return;
    this.#changed();
    stored();
  }

  #enter(sale: Sale, refusal: StoredSale['refusal']): void {
    const bytes = bytesOf(sale);
    this.#unsent.set(saleKey(sale), { sale, bytes, since: Number.NEGATIVE_INFINITY });
    if (refusal !== undefined) this.#mark({ sale, code: refusal.code, message: refusal.message });
  }

  #mark(refused: RefusedSale): boolean {
    const key = saleKey(refused.sale);
    if (!this.#unsent.delete(key)) return false;
    this.#refused.set(key, refused);
    return true;
  }

  /** Nobody waits for it: what a crash leaves is sent once more, and counts once. */
  #strike(gone: readonly string[], refused: readonly Refusal[]): void {
    this.#tracked(this.#options.storage.settle(gone, refused)).catch(error => {
      this.#options.failed(
        new Error("the chain's answer was not stored; after a restart these sales go again", {
          cause: error,
        }),
      );
    });
  }

  async #tracked(write: Promise<void>): Promise<void> {
    this.#writes.add(write);
    try {
      await write;
    } finally {
      this.#writes.delete(write);
    }
  }

  #changed(): void {
    this.#options.changed({ unsent: this.#unsent.size, refused: this.#refused.size });
  }
}

function refusalOf({ code, message, sale: { saleId, till } }: RefusedSale): Refusal {
  return { saleId, ...(till !== undefined && { till }), code, message };
}

/** What was sold; what was listed for it is of the time of the first call. */
function textOf(sale: Sale): string {
  return JSON.stringify(sale, (key, value) => (key === 'listed' ? undefined : value));
}
