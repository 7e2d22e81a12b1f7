/** Sales for tests, and both ends of a line that carries them. */
import { expect } from 'vitest';
import type { StoreClientOptions } from '../../client/options.ts';
import { memoryOutbox } from '../../client/sales/outbox-storage.ts';
import type { SaleInput } from '../../domain/sales/sale.ts';
import type { ScriptedChain, ScriptedLine, TestStore } from './scripted-chain.ts';

/** Sale `S{n}`, of `n` pieces at 1.00 each. */
export function sale(n: number, change: Partial<SaleInput> = {}): SaleInput {
  return {
    saleId: `S${n}`,
    soldAt: '2026-12-01T08:00:00.000Z',
    currency: 'EUR',
    total: 100 * n,
    lines: [{ sku: 'A', quantity: n, unitPrice: 100 }],
    ...change,
  };
}

/** What makes a sale large: so many lines, of about 45 bytes each. */
export function manyLines(count: number): Partial<SaleInput> {
  return {
    total: 100 * count,
    lines: Array.from({ length: count }, () => ({ sku: 'ABCDE', quantity: 1, unitPrice: 100 })),
  };
}

export async function syncedStore(chain: ScriptedChain, options: Partial<StoreClientOptions> = {}) {
  // Sales gather for as long as receipts do, so that a test settles both at once.
  const store = chain.store({ salesBatchMs: 1_000, ...options });
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await store.next('synced');
  return { store, line };
}

/** A store whose outbox holds the sales from `first` to `last`. */
export async function backlog(
  chain: ScriptedChain,
  first: number,
  last: number,
  options: Partial<StoreClientOptions> = {},
) {
  const outbox = memoryOutbox();
  for (let n = first; n <= last; n++) await outbox.append({ ...sale(n), soldAt: '2026-12-01T07:59:00.000Z' });
  const opened = await syncedStore(chain, { outbox, ...options });
  expect((await opened.store.next('outbox')).unsent).toBe(last - first + 1);
  return opened;
}

/** Waits for a frame of sales. */
export async function nextSales(line: ScriptedLine): Promise<{ requestId: string; ids: string[] }> {
  const { requestId, sales } = await line.next('sales');
  return { requestId, ids: sales.map(({ saleId }: SaleInput) => saleId) };
}

export function answer(
  line: ScriptedLine,
  requestId: string,
  saleIds: string[],
  rejected: object[] = [],
): void {
  line.acceptReport({ requestId }, { saleIds, rejected });
}

/** Waits for a frame of sales and accepts it. */
export async function accept(line: ScriptedLine): Promise<string[]> {
  const { requestId, ids } = await nextSales(line);
  answer(line, requestId, ids);
  return ids;
}

/** Waits for the counts to change, to these. */
export async function counts(store: TestStore, unsent: number, refused = 0): Promise<void> {
  expect(await store.next('outbox')).toEqual({ unsent, refused });
  expect([store.client.unsent, store.client.refused.length]).toEqual([unsent, refused]);
}

/** `S1`, `S2`, … */
export const idsTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => `S${first + index}`);
