/** After a price and some sales the system's own figures say so, on the local cloud by its own route. */
import { expect, it, vi } from 'vitest';
import { patience } from '../patience.ts';
import { connect } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
// A deployed stack writes the same lines; CloudWatch shows them minutes later, and to whom its account lets.
const isLocal = system.awsEndpoint !== undefined;

interface Metric {
  name: string;
  dimensions: Record<string, string>;
  unit: string;
  sum: number;
  count: number;
}

async function metrics(): Promise<Record<string, Metric>> {
  const answer = await fetch(new URL('/_local/metrics', system.awsEndpoint));
  const { items } = (await answer.json()) as { items: Metric[] };
  return Object.fromEntries(items.map(metric => [metric.name, metric]));
}

it.runIf(isLocal)('a price, its receipt and sales are in the metrics, and nothing is by store', async () => {
  const storeId = unique('s');
  const token = await system.mintToken({ role: 'store', storeId, region: 'north', groups: [] });
  const store = await connect(system, { token });
  const price = { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }], audience: { stores: [storeId] } };
  const id = await system.publish('PriceChanged', price);
  await store.update(id);
  const now = new Date().toISOString();
  store.send({ action: 'applied', updates: [{ id, appliedAt: now }] });
  await store.answer();
  const sale = (saleId: string) => ({
    saleId,
    soldAt: now,
    currency: 'EUR',
    total: 199,
    lines: [{ sku: 'A', quantity: 1, unitPrice: 199 }],
  });
  store.send({ action: 'sales', sales: [sale('1'), sale('2'), { ...sale('3'), total: -1 }] });
  await store.answer();

  await vi.waitFor(
    async () => {
      // Counted each minute, whatever happens.
      const { Connected, ...found } = await metrics();
      expect(Object.fromEntries(Object.values(found).map(({ name, sum }) => [name, sum]))).toEqual({
        FanOutLag: expect.any(Number),
        Posts: 1,
        Gone: 0,
        Failed: 0,
        Throttled: 0,
        AppliedLag: expect.any(Number),
        SalesAccepted: 2,
        SalesRefused: 1,
        LinesOpened: 1,
      });
      for (const { dimensions } of Object.values(found)) {
        expect(dimensions).toEqual({ service: 'storecast', stage: 'Storecast' });
      }
      expect([found.FanOutLag, found.AppliedLag]).toMatchObject([
        { unit: 'Milliseconds', count: 1 },
        { unit: 'Milliseconds', count: 1 },
      ]);
    },
    { timeout: patience(5_000) },
  );

  await store.cut();
  await vi.waitFor(async () => expect((await metrics()).LinesClosed?.sum).toBe(1), {
    timeout: patience(5_000),
  });
  const text = await fetch(new URL('/_local/metrics', system.awsEndpoint), {
    headers: { accept: 'text/plain' },
  });
  expect(await text.text()).toContain(
    'storecast_sales_accepted_count_sum{service="storecast",stage="Storecast"} 2\n',
  );
});
