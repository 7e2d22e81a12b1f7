/** A fleet beyond one worker's share, on the real template: the workers invoke each other by the stack's own policy. */
import { expect, test } from 'vitest';
import { Environment } from '../../domain/names.ts';
import { connectStore } from '../contract/store.ts';
import { assemblyWithVariables, bootCloud } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';

test('every store of a fleet that takes several workers gets an update once', {
  timeout: patience(60_000),
}, async () => {
  const assemblyDirectory = assemblyWithVariables({ [Environment.membersPerWorker]: '4' });
  const { errors, logs, system } = await bootCloud({ assemblyDirectory });
  const stores = await Promise.all(
    Array.from({ length: 20 }, (_, index) => connectStore(system, { storeId: `s${index}` })),
  );
  const id = await system.publish('PriceChanged', { prices: [{ sku: 'A', amount: 1, currency: 'EUR' }] });
  for (const store of stores) expect(await store.next(({ type }) => type === 'update')).toMatchObject({ id });
  await expect
    .poll(() => logs.filter(line => line.includes('"message":"share of a broadcast"')).length)
    .toBe(5);
  for (const { received } of stores) expect(received.filter(({ type }) => type === 'update')).toHaveLength(1);
  expect(errors).toEqual([]);
});
