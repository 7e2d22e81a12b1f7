/** Stores are at rest again when nobody watches on, without anybody telling them: what takes five minutes on the clock. */
import { expect, test } from 'vitest';
import { createClock } from '../../local/cloud-clock.ts';
import { connect, connectStore, type Frame, type TestStore } from '../contract/store.ts';
import { bootCloud } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';

const isPace = ({ type }: Frame) => type === 'pace';
const paceOf = async (store: TestStore) => (await store.ping()).reportEveryMs;

test('watching ends by itself; whoever asks for a delivery that is waited for begins it again', async () => {
  const clock = createClock();
  const { system } = await bootCloud({ clock });
  const store = await connectStore(system);
  const token = await system.mintToken({ role: 'manager', name: 'ada' });
  const manager = await connect(system, { token });
  manager.send({ action: 'watch' });
  const { until } = await manager.next(({ type }) => type === 'watching');
  expect(await store.next(isPace)).toEqual({ type: 'pace', reportEveryMs: 1_000, until });
  await expect.poll(() => paceOf(store), { timeout: patience(10_000) }).toBe(1_000);

  clock.advance(Date.parse(String(until)) - clock.now());
  expect(await paceOf(store)).toBe(60_000);

  const prices = [{ sku: 'A', amount: 199, currency: 'EUR' }];
  const id = await system.publish('PriceChanged', { prices, audience: { stores: [store.storeId] } });
  await store.update(id);
  const delivery = await system.request('GET', `updates/${id}/delivery`, { token });
  expect(await delivery.json()).toMatchObject({ pending: 1 });
  const again = await store.next(frame => isPace(frame) && frame.until !== until);
  expect(Date.parse(String(again.until))).toBeGreaterThan(clock.now());

  // Once its receipt is there nobody waits.
  store.send({ action: 'report', updates: [{ id, appliedAt: new Date(clock.now()).toISOString() }] });
  await store.next(({ type }) => type === 'report.accepted');
  clock.advance(Date.parse(String(again.until)) - clock.now());
  const after = await system.request('GET', `updates/${id}/delivery`, { token });
  expect(await after.json()).toMatchObject({ pending: 0, applied: 1 });
  expect(await paceOf(store)).toBe(60_000);
});
