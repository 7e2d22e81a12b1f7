/** What scenarios publish and sell. */
import { randomUUID } from 'node:crypto';
import type { Publication } from '../chain/channel-log.ts';
import type { ScriptedChain } from '../chain/scripted-chain.ts';

/** Of all prices. */
const currency = 'EUR';

export function price(sku: string, amount: number, change: Publication = {}): Publication {
  return { kind: 'price.changed', data: { prices: [{ sku, amount, currency }] }, ...change };
}

/** @param change takes an end: an offer has one */
export function offer(offerId: string, sku: string, change: Publication): Publication {
  const data = { offerId, title: 'Ten percent off', skus: [sku], discount: { percent: 10 } };
  return { kind: 'offer.published', data, ...change };
}

export interface MadeSale {
  saleId: string;
  soldAt: string;
  [field: string]: unknown;
}

/** A sale of now, by the chain's time. */
export function sale(chain: ScriptedChain, change: Partial<MadeSale> = {}): MadeSale {
  return {
    saleId: randomUUID(),
    soldAt: chain.timestamp(),
    currency,
    total: 487,
    lines: [
      { sku: '4006381333931', quantity: 2, unitPrice: 199 },
      { sku: '4311501043271', quantity: 1, unitPrice: 89 },
    ],
    ...change,
  };
}

/** Whether a frame has sales, whatever its action. */
export function carriesSales({ sales = [] }: { sales?: unknown[] }): boolean {
  return sales.length > 0;
}

/** Whether a frame has receipts, whatever its action. */
export function carriesReceipts({
  updates = [],
  rejected = [],
}: {
  updates?: unknown[];
  rejected?: unknown[];
}): boolean {
  return updates.length + rejected.length > 0;
}
