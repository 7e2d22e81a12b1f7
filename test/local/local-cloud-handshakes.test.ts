/** A till that does nothing but connect, against the system as it is shipped. */
import { expect, test } from 'vitest';
import { connectStore, refusalOf } from '../contract/store.ts';
import { bootCloud } from './booted-cloud.ts';

test('a store that connects over and over is answered 429, and no other is', async () => {
  const { system } = await bootCloud();
  const storeOf = (storeId: string) => ({ role: 'store', storeId, region: undefined, groups: [] }) as const;
  const token = await system.mintToken(storeOf('wild'));
  const refusals = await Promise.all(Array.from({ length: 120 }, () => refusalOf(system, { token })));
  expect(refusals.filter(status => status === 429).length).toBeGreaterThan(0);
  const store = await connectStore(system);
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});
