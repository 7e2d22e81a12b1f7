/** Proven at the till: what the store's book listed goes with each sale, and the chain tells where another price was charged. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, memoryOutbox } from '../../client/node.ts';
import type { SaleInput } from '../../domain/sales/sale.ts';
import { patience } from '../patience.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const SOON = { timeout: patience(20_000) };

/** A till whose software charges what it likes; its store has a price of its own. */
async function openTill(amount: number) {
  const [storeId, sku] = [unique('s'), unique('sku')];
  const token = await system.mintToken({ role: 'store', storeId, region: undefined, groups: [] });
  const client = createStoreClient({ url: system.storeEndpoint, token, outbox: memoryOutbox() });
  onTestFinished(() => client.close());
  await vi.waitUntil(() => 'all' in client.positions, SOON);
  await system.publish('PriceChanged', {
    prices: [{ sku, amount, currency: 'EUR' }],
    audience: { stores: [storeId] },
  });
  await vi.waitUntil(() => client.price(sku)?.amount === amount, SOON);
  let sales = 0;
  const sell = (unitPrice: number, change: Partial<SaleInput['lines'][number]> = {}, at = client.now()) => {
    sales += 1;
    const line = { sku, quantity: 2, unitPrice, ...change };
    return client.send({
      saleId: `S${sales}`,
      soldAt: new Date(at).toISOString(),
      currency: 'EUR',
      total: line.amount ?? line.quantity * unitPrice,
      lines: [line],
    });
  };
  return { client, sell, sku, storeId };
}

async function audited(by: 'store' | 'sku', key: string) {
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date(Date.now() + 3_600_000).toISOString();
  const found: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ by, from, to, ...(cursor === undefined ? {} : { cursor }) });
    const response = await system.request('GET', `sales/audit?${query}`);
    const page = (await response.json()) as { items: Record<string, unknown>[]; cursor?: string };
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found.filter(item => item[by] === key);
}

test('a till that charges another price than its book lists is seen, by store and by SKU, and by how much', async () => {
  const { client, sell, sku, storeId } = await openTill(199);
  await sell(199);
  await sell(219);
  await sell(189, { quantity: 1 });
  await sell(50, { sku: unique('own'), quantity: 1 });
  await client.flush();
  const ofSku = { exact: 1, over: 1, under: 1, overAmount: 40, underAmount: 10, currency: 'EUR' };
  await expect
    .poll(() => audited('store', storeId), SOON)
    .toEqual([{ store: storeId, ...ofSku, unlisted: 1 }]);
  expect(await audited('sku', sku)).toEqual([{ sku, ...ofSku, unlisted: 0 }]);
  const sales = await system.request('GET', `stores/${storeId}/sales`);
  expect(((await sales.json()) as { items: SaleInput[] }).items.map(({ lines }) => lines[0]?.listed)).toEqual(
    [199, 199, 199, undefined],
  );
});

test('a till whose clock is ahead charges a price before its time, and is seen', async () => {
  const { client, sell, sku, storeId } = await openTill(199);
  await system.publish('PriceChanged', {
    prices: [{ sku, amount: 249, currency: 'EUR' }],
    audience: { stores: [storeId] },
    validFrom: new Date(Date.now() + 600_000).toISOString(),
  });
  await vi.waitUntil(() => client.book.nextChange(client.now()) !== undefined, SOON);
  // Ten minutes ahead, which the chain still takes.
  await sell(249, {}, client.now() + 660_000);
  await client.flush();
  await expect.poll(() => audited('store', storeId), SOON).toMatchObject([{ over: 1, overAmount: 100 }]);
});

test('the audit takes store or sku, and no other query', async () => {
  for (const query of ['by=region', 'store=s1', 'from=yesterday'])
    expect((await system.request('GET', `sales/audit?${query}`)).status).toBe(400);
  const { status } = await system.request('GET', 'sales/audit?by=sku');
  expect(status).toBe(200);
});
