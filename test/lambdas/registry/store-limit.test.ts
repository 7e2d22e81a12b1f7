import { expect, test } from 'vitest';
import { Roster } from '../../../lambdas/registry/roster.ts';
import {
  HANDSHAKES_IN_TEN_SECONDS,
  StoreLimit,
  SYNCS_AT_ONCE,
  UNITS_PER_SECOND,
} from '../../../lambdas/registry/store-limit.ts';
import { startAws, TABLES } from '../aws.ts';
import { NOW, unique } from '../updates.ts';

const aws = await startAws();
const roster = new Roster({ client: aws.dynamodb, table: TABLES.stores });

async function knownStore(): Promise<string> {
  const storeId = unique('s');
  await roster.heard({ storeId, region: undefined, groups: [] }, NOW);
  return storeId;
}

/** A hundredth of what a store has in a second, as a light frame weighs. */
const LIGHT = UNITS_PER_SECOND / 100;

/** How many of so many pass. */
async function admitted(
  limit: StoreLimit,
  storeId: string,
  many: number,
  now = NOW,
  weight = LIGHT,
): Promise<number> {
  let passed = 0;
  for (let sent = 0; sent < many; sent += 1) if (await limit.admits(storeId, now, weight)) passed += 1;
  return passed;
}
const units = () => new StoreLimit({ roster, of: 'units' });

test('a store that sends too much is stopped, and heard again in the next second', async () => {
  const limit = units();
  const storeId = await knownStore();
  expect(await admitted(limit, storeId, 500)).toBe(100 + 100);
  // What the environment gives by itself comes back slowly.
  expect(await admitted(limit, storeId, 500, NOW + 1_000)).toBe(100 + 2);
  expect(await admitted(limit, await knownStore(), 20)).toBe(20);
});

test('heavy frames are as many fewer', async () => {
  expect(await admitted(units(), await knownStore(), 500, NOW, 25 * LIGHT)).toBe(8);
});

test('a store is stopped by what all environments have let pass', async () => {
  const environments = Array.from({ length: 4 }, units);
  const storeId = await knownStore();
  const passed = await Promise.all(environments.map(limit => admitted(limit, storeId, 500)));
  // Each lets its first hundred pass uncounted.
  expect(passed.reduce((sum, frames) => sum + frames)).toBe(100 + 4 * 100);
});

test('what turned out to be heavier keeps the store from drawing, in every environment, until it has come back', async () => {
  const [limit, other] = [units(), units()];
  const storeId = await knownStore();
  expect(await limit.admits(storeId, NOW, LIGHT)).toBe(true);
  await limit.settle(storeId, NOW, 4 * UNITS_PER_SECOND);
  expect(await admitted(other, storeId, 500, NOW + 1_000)).toBe(100);
  expect(await admitted(limit, storeId, 500, NOW + 2_000)).toBeLessThanOrEqual(4);
  expect(await admitted(other, storeId, 500, NOW + 5_000)).toBe(100 + 8);
});

test('a store that behaves costs no write', async () => {
  const storeId = await knownStore();
  const writes: string[] = [];
  aws.faultOf = operation => {
    writes.push(operation);
    return undefined;
  };
  const limit = units();
  for (let second = 0; second < 60; second += 1)
    expect(await admitted(limit, storeId, 2, NOW + second * 1_000)).toBe(2);
  expect(writes).toEqual([]);
});

test('an environment whose clock is behind draws nothing of a second that is over', async () => {
  const storeId = await knownStore();
  await admitted(units(), storeId, 130, NOW + 1_000);
  expect(await admitted(units(), storeId, 130)).toBe(100);
});

test('a store that connects over and over is stopped, whatever frames it sent, and let in again ten seconds later', async () => {
  const handshakes = new StoreLimit({ roster, of: 'handshakes' });
  const storeId = await knownStore();
  await admitted(units(), storeId, 500);
  expect(await admitted(handshakes, storeId, 100, NOW, 1)).toBe(HANDSHAKES_IN_TEN_SECONDS + 5);
  expect(await admitted(handshakes, storeId, 100, NOW + 10_000, 1)).toBe(HANDSHAKES_IN_TEN_SECONDS + 5);
});

test('handshakes of a store that nobody knows yet put it on no roster', async () => {
  const storeId = unique('s');
  await admitted(new StoreLimit({ roster, of: 'handshakes' }), storeId, 10, NOW, 1);
  expect(await roster.find(storeId)).toBeUndefined();
});

test('a store syncs as often as a catch-up has pages, and then once a second', async () => {
  const syncs = new StoreLimit({ roster, of: 'syncs' });
  const storeId = await knownStore();
  expect(await admitted(syncs, storeId, 300, NOW, 1)).toBe(SYNCS_AT_ONCE);
  expect(await admitted(syncs, storeId, 300, NOW + 1_000, 1)).toBe(1);
});
