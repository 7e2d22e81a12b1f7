/** A store of the reference fleet: the client library with everything on disk, and a printer that keeps the sums. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  createStoreClient,
  fileOutbox,
  fileStorage,
  type SaleInput,
  type StoreClient,
} from '../../client/node.ts';
import { BadNetwork } from './bad-network.ts';
import type { Random } from './random.ts';

export interface Identity {
  role: 'store';
  storeId: string;
  region: string | undefined;
  groups: string[];
}

export interface Sum {
  count: number;
  amount: number;
}

export interface TillOptions {
  identity: Identity;
  url: () => string;
  token: string;
  directory: string;
  salesPerMinute: number;
  /** A lost post is noticed by the next update of the channel or so soon. */
  heartbeatMs: number;
  random: Random;
  count: (what: string) => void;
}

const SKUS = ['bread', 'milk', 'salt', 'soap'];
const CURRENCIES: Record<string, string> = { north: 'EUR', east: 'EUR', south: 'CHF', west: 'GBP' };
const LATE_MS = 3 * 3_600_000;

export class Till {
  readonly identity: Identity;
  readonly client: StoreClient;
  readonly network: BadNetwork;
  /** How often the store's software was given each update. */
  readonly applications = new Map<string, number>();
  /** What it printed: by `region R EUR` and the like. */
  readonly printed = new Map<string, Sum>();
  printedSales = 0;
  /** It has its line for itself: nobody may take it, and nobody is shut out. */
  readonly endings: string[] = [];
  lastError = 'none';
  readonly #options: TillOptions;
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TillOptions) {
    const { directory, heartbeatMs, identity, random, token, url } = options;
    this.#options = options;
    this.identity = identity;
    this.network = new BadNetwork(random.fork(), options.count);
    this.client = createStoreClient({
      url,
      token,
      WebSocket: this.network.WebSocket,
      storage: fileStorage(join(directory, `${identity.storeId}.json`)),
      outbox: fileOutbox(join(directory, identity.storeId)),
      apply: ({ id }) => void this.applications.set(id, (this.applications.get(id) ?? 0) + 1),
      heartbeatMs,
      // Impatient, so that a short run sees many repeats.
      answerTimeoutMs: 5_000,
      pongTimeoutMs: 10_000,
      backoff: { baseMs: 500, capMs: 10_000 },
    });
    this.client.on('replaced', () => this.endings.push('replaced'));
    this.client.on('revoked', () => this.endings.push('revoked'));
    this.client.on('error', ({ cause, message }) => {
      this.lastError = [message, cause].filter(Boolean).join(': ');
    });
  }

  /** What there is to say where something has not come. */
  get state(): string {
    const { connected, unsent } = this.client;
    return `${connected ? 'connected' : 'not connected'}, ${unsent} unsent, last error: ${this.lastError}`;
  }

  open(): void {
    const waitMs = (-Math.log(1 - this.#options.random.next()) * 60_000) / this.#options.salesPerMinute;
    this.#timer = setTimeout(() => {
      this.open();
      const sending = this.#sell().finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    }, waitMs);
  }

  /** No more sales; resolves once the last is printed. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#sending);
  }

  /** What a till must have on disk before it prints: the sale that was sent, and only that, counts. */
  async #sell(): Promise<void> {
    const sale = this.#ringUp();
    await this.client.send(sale);
    this.printedSales += 1;
    const { storeId, region = '' } = this.identity;
    const minute = `${sale.soldAt.slice(0, 16)}Z`;
    for (const by of [`store ${storeId}`, `region ${region}`, `minute ${minute}`])
      this.#print(`${by} ${sale.currency}`, 1, sale.total);
    for (const { quantity, sku, unitPrice } of sale.lines)
      this.#print(`sku ${sku} ${sale.currency}`, quantity, quantity * unitPrice);
  }

  #print(key: string, count: number, amount: number): void {
    const sum = this.printed.get(key) ?? { count: 0, amount: 0 };
    this.printed.set(key, { count: sum.count + count, amount: sum.amount + amount });
  }

  #ringUp(): SaleInput {
    const { count, random } = this.#options;
    const some = random.some(SKUS, 0.5);
    const lines = (some.length === 0 ? SKUS : some).map(sku => ({
      sku,
      quantity: random.between(1, 3),
      unitPrice: random.between(1, 999),
    }));
    // Of an hour that is rolled up, or will be.
    const isLate = random.chance(0.05);
    if (isLate) count('sales hours late');
    const soldAt = new Date(this.client.now() - (isLate ? random.between(0, LATE_MS) : 0)).toISOString();
    const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
    const currency = CURRENCIES[this.identity.region ?? ''] ?? 'EUR';
    return { saleId: randomUUID(), soldAt, currency, total, lines };
  }
}
