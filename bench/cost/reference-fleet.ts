/** What a fleet does in its minutes, alike for stores on the line and stores that poll. */
import { randomUUID } from 'node:crypto';
import type { SaleInput } from '../../domain/sales/sale.ts';

/** The numbers of a fleet, as `npx storecast cost` takes them. */
export interface FleetNumbers {
  stores: number;
  salesPerMinute: number;
  linesPerSale: number;
}

export const REFERENCE: FleetNumbers = { stores: 1_000, salesPerMinute: 7, linesPerSale: 4 };

export const MINUTE_MS = 60_000;

/** Stores on a clock that somebody moves on by steps; after each the next one waits until they are settled. */
export interface SteppedStores {
  /** Opens their lines, if they have any. */
  connect(tokens: readonly string[]): Promise<void>;
  /** From now on they sell, for so many minutes. */
  sell(minutes: number): void;
  /** Does what is due by now. Resolves once every question is answered. */
  step(): Promise<void>;
  lived(): Lived;
}

/** What stores tell of their life so far. */
export interface Lived {
  sold: number;
  /** Updates that a store has applied, or heard of. */
  heard: number;
  /** Sales that the chain has refused, requests that failed, lines that are lost. */
  failed: number;
}

/** What is to be done at which time, by any clock. */
export class Plan {
  #due: { at: number; act: () => void }[] = [];

  /** @param at milliseconds since the epoch */
  add(deeds: readonly { at: number; act: () => void }[]): void {
    this.#due = [...this.#due, ...deeds].sort((one, other) => other.at - one.at);
  }

  /** Does it all up to a time, in its order. */
  run(now: number): void {
    for (let next = this.#due.at(-1); next !== undefined && next.at <= now; next = this.#due.at(-1)) {
      this.#due.pop();
      next.act();
    }
  }
}

const ARTICLES = 5_000;
const TILLS = 3;
let saleCount = 0;

/** An ordinary sale: some articles, a tender. @param at milliseconds since the epoch */
export function ordinarySale(linesPerSale: number, at: number): SaleInput {
  saleCount += 1;
  const lines = Array.from({ length: linesPerSale }, () => {
    const article = Math.floor(Math.random() * ARTICLES);
    const quantity = Math.random() < 0.8 ? 1 : 2;
    return {
      sku: String(4_000_000_000_000 + article * 7_919),
      quantity,
      unitPrice: 49 + ((article * 37) % 950),
    };
  });
  const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  return {
    saleId: randomUUID(),
    till: String(1 + (saleCount % TILLS)),
    soldAt: new Date(at).toISOString(),
    currency: 'EUR',
    total,
    lines,
    tenders: [{ type: 'card', amount: total }],
  };
}
