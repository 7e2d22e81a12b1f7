import { expect, test } from 'vitest';
import { FRAMES_PER_SECOND, FrameLimit } from '../../../lambdas/shared/frame-limit.ts';
import { Roster } from '../../../lambdas/shared/roster.ts';
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
async function admitted(limit: FrameLimit, storeId: string, frames: number, now = NOW): Promise<number> {
  let passed = 0;
  for (let sent = 0; sent < frames; sent += 1) if (await limit.admits(storeId, now)) passed += 1;
  return passed;
}

test('a store that sends too much is stopped, and heard again in the next second', async () => {
  const limit = new FrameLimit({ roster });
  const storeId = await knownStore();
  expect(await admitted(limit, storeId, 500)).toBe(FRAMES_PER_SECOND + 20);
  expect(await admitted(limit, storeId, 500, NOW + 1_000)).toBe(FRAMES_PER_SECOND + 20);
  expect(await admitted(limit, await knownStore(), 20)).toBe(20);
});

test('a store is stopped by what all environments have let pass', async () => {
  const environments = Array.from({ length: 4 }, () => new FrameLimit({ roster }));
  const storeId = await knownStore();
  const passed = await Promise.all(environments.map(limit => admitted(limit, storeId, 500)));
  // Each lets its first twenty pass uncounted.
  expect(passed.reduce((sum, frames) => sum + frames)).toBe(FRAMES_PER_SECOND + 4 * 20);
});

test('an environment whose clock is behind draws no frames of a second that is over', async () => {
  const storeId = await knownStore();
  await admitted(new FrameLimit({ roster }), storeId, 30, NOW + 1_000);
  expect(await admitted(new FrameLimit({ roster }), storeId, 30)).toBe(20);
});
