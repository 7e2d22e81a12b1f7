/** What a fleet does, alike for stores on the line and stores that poll, and what its processes are told. */
import { randomUUID } from 'node:crypto';
import type { SaleInput } from '../../domain/sales/sale.ts';
import type { ClockStart } from './fast-clock.ts';

/** The numbers of a fleet, as `npx storecast cost` takes them. */
export interface FleetNumbers {
  stores: number;
  salesPerMinute: number;
  linesPerSale: number;
}

export const REFERENCE: FleetNumbers = { stores: 1_000, salesPerMinute: 7, linesPerSale: 4 };

/** Arguments of a process of stores. */
export interface StoresStart extends FleetNumbers {
  outputsFile: string;
  clock: ClockStart;
  /** Of stores that poll. */
  gathers?: boolean;
}

export const POLLS_PER_MINUTE = 2;

/** What a store's processes tell of a time. */
export interface Lived {
  sold: number;
  /** Updates that a store has applied, or heard of. */
  heard: number;
  /** Sales that the chain has not accepted, requests that failed. */
  failed: number;
  cpuMs: number;
}

const ARTICLES = 5_000;
const TILLS = 3;
let saleCount = 0;

/** An ordinary sale: some articles, a tax, a tender. @param at milliseconds since the epoch */
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
  const till = String(1 + (saleCount % TILLS));
  return {
    saleId: randomUUID(),
    till,
    soldAt: new Date(at).toISOString(),
    currency: 'EUR',
    total,
    lines,
    tenders: [{ type: 'card', amount: total }],
  };
}
