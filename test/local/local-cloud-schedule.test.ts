/** What schedules start by the local cloud's clock: the roll-up of the sales, the receipts, and the count of the connected stores. */
import { expect, test, vi } from 'vitest';
import { createClock } from '../../local/cloud-clock.ts';
import { connect, connectStore } from '../contract/store.ts';
import { ringUp } from '../domain/till.ts';
import { patience } from '../patience.ts';
import { bootCloud, editedAssembly } from './booted-cloud.ts';

const HOUR_MS = 3_600_000;
const isoTime = (at: number) => new Date(at).toISOString();

test('an hour that has ended is rolled up, and a late sale is in its totals as soon as it is answered', {
  timeout: patience(60_000),
}, async () => {
  const clock = createClock();
  const { system, logs } = await bootCloud({ clock });
  const start = Math.floor(clock.now() / HOUR_MS) * HOUR_MS;
  const sell = async (saleId: string) => {
    const store = await connectStore(system, { storeId: '0001', region: 'north' });
    store.send({ action: 'sales', sales: [ringUp(saleId, { soldAt: isoTime(start) })] });
    expect(await store.answer()).toMatchObject({ saleIds: [saleId] });
  };
  const total = async (by: string, filter = {}) => {
    const query = new URLSearchParams({ by, ...filter, from: isoTime(start), to: isoTime(start + HOUR_MS) });
    return await itemsOf(await system.request('GET', `sales/totals?${query}`));
  };
  await sell('S1');
  clock.advance(2 * HOUR_MS);
  await vi.waitUntil(() => logs.some(line => line.includes('"message":"rolled up"')), {
    timeout: patience(40_000),
  });
  expect(await total('sku')).toEqual([{ sku: 'A', unit: 'C62', count: 2, amount: 398, currency: 'EUR' }]);
  await sell('late');
  expect(await total('sku')).toEqual([{ sku: 'A', unit: 'C62', count: 4, amount: 796, currency: 'EUR' }]);
  for (const filter of [{ region: 'north' }, { store: '0001' }])
    expect(await total('sku', filter)).toEqual(await total('sku'));
  expect(await total('sku', { region: 'south' })).toEqual([]);
  expect(await total('region')).toEqual([{ region: 'north', count: 2, amount: 796, currency: 'EUR' }]);
});

test('each minute the stores on the line are counted, and the count is in the local metrics', async () => {
  const clock = createClock();
  const { system } = await bootCloud({ clock });
  const figures = async (name: string) => {
    const answer = await fetch(new URL('/_local/metrics', system.awsEndpoint));
    const { items } = (await answer.json()) as { items: { name: string; sum: number; last: number }[] };
    return items.find(metric => metric.name === name);
  };
  const countedAfterAMinute = async (connected: number) => {
    clock.advance(60_000);
    await vi.waitFor(async () => expect((await figures('Connected'))?.last).toBe(connected), {
      timeout: patience(20_000),
    });
  };
  const stores = await Promise.all(Array.from({ length: 3 }, () => connectStore(system)));
  await connect(system, { token: await system.mintToken({ role: 'manager', name: 'office' }) });
  await countedAfterAMinute(3);
  await stores[0]?.cut();
  await vi.waitFor(async () => expect((await figures('LinesClosed'))?.sum).toBe(1), {
    timeout: patience(20_000),
  });
  await countedAfterAMinute(2);
});

test('receipts are in the report of their update as soon as they are answered, and stay there once they are gathered', {
  timeout: patience(60_000),
}, async () => {
  const clock = createClock();
  const { system, logs } = await bootCloud({ clock });
  const stores = await Promise.all(Array.from({ length: 3 }, () => connectStore(system)));
  const prices = [{ sku: 'A', amount: 199, currency: 'EUR' }];
  const updateId = await system.publish('PriceChanged', { prices });
  const report = async () => (await system.request('GET', `updates/${updateId}/delivery`)).json();
  for (const [index, store] of stores.entries()) {
    await store.next(({ type }) => type === 'update');
    store.send({ action: 'applied', updates: [{ id: updateId, appliedAt: isoTime(clock.now()) }] });
    expect(await store.next(({ type }) => type === 'applied.accepted')).toMatchObject({ ids: [updateId] });
    expect(await report()).toMatchObject({ targeted: 3, applied: index + 1 });
  }
  const before = await report();
  // Each run gathers what came half a minute ago.
  clock.advance(2 * 60_000);
  await vi.waitUntil(() => logs.some(line => line.includes('"message":"receipts gathered"')), {
    timeout: patience(40_000),
  });
  expect(await report()).toEqual(before);
});

test('a function that does not let the schedule invoke it is not invoked', async () => {
  const clock = createClock();
  const assemblyDirectory = editedAssembly(({ Resources }) => {
    for (const [id, { Type }] of Object.entries(Resources))
      if (Type === 'AWS::Lambda::Permission' && id.startsWith('SalesRollup')) delete Resources[id];
  });
  const { system, logs } = await bootCloud({ clock, assemblyDirectory });
  clock.advance(5 * 60_000);
  // Deliveries are in order: one that comes after has been answered.
  await system.publish('OfferWithdrawn', { offerId: 'o' });
  await vi.waitUntil(() => logs.some(line => line.includes('"message":"broadcast"')), {
    timeout: patience(20_000),
  });
  expect(logs.filter(line => line.includes('Rollup'))).toEqual([]);
});

async function itemsOf(response: Response): Promise<unknown[]> {
  return ((await response.json()) as { items: unknown[] }).items;
}
