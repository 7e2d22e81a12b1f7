import { expect, test } from 'vitest';
import { Roster } from '../../../lambdas/registry/roster.ts';
import {
  FRAMES_PER_SECOND,
  HANDSHAKES_IN_TEN_SECONDS,
  StoreLimit,
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

/** How many of so many frames pass. */
async function admitted(limit: StoreLimit, storeId: string, frames: number, now = NOW): Promise<number> {
  let passed = 0;
  for (let sent = 0; sent < frames; sent += 1) if (await limit.admits(storeId, now)) passed += 1;
  return passed;
}

test('a store that sends too much is stopped, and heard again in the next second', async () => {
  const limit = new StoreLimit({ roster, of: 'frames' });
  const storeId = await knownStore();
  expect(await admitted(limit, storeId, 500)).toBe(FRAMES_PER_SECOND + 20);
  expect(await admitted(limit, storeId, 500, NOW + 1_000)).toBe(FRAMES_PER_SECOND + 20);
  expect(await admitted(limit, await knownStore(), 20)).toBe(20);
});

test('a store is stopped by what all environments have let pass', async () => {
  const environments = Array.from({ length: 4 }, () => new StoreLimit({ roster, of: 'frames' }));
  const storeId = await knownStore();
  const passed = await Promise.all(environments.map(limit => admitted(limit, storeId, 500)));
  // Each lets its first twenty pass uncounted.
  expect(passed.reduce((sum, frames) => sum + frames)).toBe(FRAMES_PER_SECOND + 4 * 20);
});

test('an environment whose clock is behind draws no frames of a second that is over', async () => {
  const storeId = await knownStore();
  await admitted(new StoreLimit({ roster, of: 'frames' }), storeId, 30, NOW + 1_000);
  expect(await admitted(new StoreLimit({ roster, of: 'frames' }), storeId, 30)).toBe(20);
});

test('a store that connects over and over is stopped, whatever frames it sent, and let in again ten seconds later', async () => {
  const handshakes = new StoreLimit({ roster, of: 'handshakes' });
  const storeId = await knownStore();
  await admitted(new StoreLimit({ roster, of: 'frames' }), storeId, 500);
  expect(await admitted(handshakes, storeId, 100)).toBe(HANDSHAKES_IN_TEN_SECONDS + 5);
  expect(await admitted(handshakes, storeId, 100, NOW + 10_000)).toBe(HANDSHAKES_IN_TEN_SECONDS + 5);
});

test('handshakes of a store that nobody knows yet put it on no roster', async () => {
  const storeId = unique('s');
  await admitted(new StoreLimit({ roster, of: 'handshakes' }), storeId, 10);
  expect(await roster.find(storeId)).toBeUndefined();
});
