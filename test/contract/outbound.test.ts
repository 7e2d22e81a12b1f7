/** What happens in the stores is on the outbound bus: at least once, told by ids. */
import { expect, test } from 'vitest';
import { outboundEvents } from './outbound.ts';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

const sale = (saleId: string, soldAt: string, change: object = {}) => ({
  saleId,
  soldAt,
  currency: 'EUR',
  total: 199,
  lines: [{ sku: 'A', quantity: 1, unitPrice: 199 }],
  ...change,
});

/** When the sale of a minute that is over was made. */
const minuteAgo = () => new Date(Date.now() - 60_000).toISOString();

async function recordedOf(storeId: string, count: number) {
  const events = await outboundEvents(
    system,
    'SalesRecorded',
    ({ sales }) => sales.some((sold: { storeId: string }) => sold.storeId === storeId),
    count,
  );
  return events.map(({ detail }) =>
    detail.sales.filter((sold: { storeId: string }) => sold.storeId === storeId),
  );
}

test('sales that are stored are recorded as they were sold, with store and time, once for each write', async () => {
  const store = await connectStore(system);
  const soldAt = minuteAgo();
  const first = sale('S1', soldAt, { till: '1', loyalty: { points: 7 } });
  const before = Date.now();
  store.send({ action: 'sales', sales: [first, sale('S2', soldAt)] });
  expect(await store.answer()).toMatchObject({ saleIds: ['S1', 'S2'] });
  const [sales] = await recordedOf(store.storeId, 1);
  expect(sales).toEqual([
    { storeId: store.storeId, receivedAt: expect.any(String), ...first },
    expect.objectContaining({ saleId: 'S2' }),
  ]);
  expect(Date.parse(sales[0].receivedAt)).toBeGreaterThanOrEqual(before - 1_000);
  // The same minute again: what is recorded already is not recorded again.
  store.send({ action: 'sales', sales: [first, sale('S3', soldAt)] });
  await store.answer();
  const all = await recordedOf(store.storeId, 2);
  expect(all.flat().map(({ saleId }) => saleId)).toEqual(['S1', 'S2', 'S3']);
});

test('a store that comes and goes is told, a line that takes over is not', async () => {
  const store = await connectStore(system);
  const { storeId } = store;
  const ofStore = (detail: { storeId: string }) => detail.storeId === storeId;
  const [connected] = await outboundEvents(system, 'StoreConnected', ofStore);
  expect(connected?.detail).toEqual({ storeId, at: expect.stringMatching(/Z$/) });
  const newer = await connectStore(system, { storeId });
  await store.closed;
  await newer.ping();
  await newer.cut();
  const [gone] = await outboundEvents(system, 'StoreDisconnected', ofStore);
  expect(gone?.detail).toEqual({ storeId, at: expect.stringMatching(/Z$/) });
  const all = await outboundEvents(system, 'StoreConnected', ofStore);
  expect(all).toHaveLength(1);
});

test('an update is delivered once the last connected store has answered for it', async () => {
  const region = unique('region');
  const [one, two] = [await connectStore(system, { region }), await connectStore(system, { region })];
  const updateId = await system.publish('OfferWithdrawn', { offerId: 'o', audience: { regions: [region] } });
  await Promise.all([one.update(updateId), two.update(updateId)]);
  const ofUpdate = (detail: { updateId: string }) => detail.updateId === updateId;
  one.send({ action: 'applied', updates: [{ id: updateId, appliedAt: new Date().toISOString() }] });
  await one.answer();
  two.send({ action: 'applied', rejected: [{ id: updateId, reason: 'no such offer' }] });
  await two.answer();
  const [first] = await outboundEvents(system, 'UpdateDelivered', ofUpdate);
  expect(first?.detail).toEqual({ updateId, targeted: 2, applied: 1, rejected: 1 });
});

test('an update is delivered, too, once the last store that was pending is off the line', async () => {
  const region = unique('region');
  const [one, two] = [await connectStore(system, { region }), await connectStore(system, { region })];
  const updateId = await system.publish('OfferWithdrawn', { offerId: 'o', audience: { regions: [region] } });
  await Promise.all([one.update(updateId), two.update(updateId)]);
  one.send({ action: 'applied', updates: [{ id: updateId, appliedAt: new Date().toISOString() }] });
  await one.answer();
  await two.cut();
  const [first] = await outboundEvents(system, 'UpdateDelivered', detail => detail.updateId === updateId);
  expect(first?.detail).toEqual({ updateId, targeted: 2, applied: 1, rejected: 0 });
});
