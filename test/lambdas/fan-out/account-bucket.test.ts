import { expect, test } from 'vitest';
import { AccountBucket } from '../../../lambdas/fan-out/account-bucket.ts';
import { Pacer } from '../../../lambdas/fan-out/pacer.ts';
import { startAws, TABLES } from '../aws.ts';

const aws = await startAws();
const openBucket = () => new AccountBucket({ client: aws.dynamodb, table: TABLES.updates });

test('turns of all that draw from it are due one after the other, and none before it is asked', async () => {
  const first = await openBucket().reserve(10, 2, 1_000);
  expect(first).toBe(1_000);
  const next = await Promise.all(Array.from({ length: 20 }, () => openBucket().reserve(10, 2, 1_000)));
  expect(next.sort((a, b) => a - b)).toEqual(next.map((_, index) => 1_020 + 20 * index));
  expect(await openBucket().reserve(1, 2, 9_000)).toBe(9_000);
});

test('a worker whose clock is hours ahead stops nobody', async () => {
  await openBucket().reserve(10, 2, 50_000_000);
  expect(await openBucket().reserve(10, 2, 20_000_000)).toBe(20_000_000);
});

test('broadcasts side by side keep one rate', async () => {
  const now = 1_000_000;
  const pacerWithWaits = () => {
    const waits: number[] = [];
    const wait = async (ms: number) => void waits.push(ms);
    return { waits, pacer: new Pacer({ rate: 100, burst: 1, bucket: openBucket(), now: () => now, wait }) };
  };
  const pacers = Array.from({ length: 4 }, pacerWithWaits);
  await Promise.all(
    pacers.map(async ({ pacer }) => {
      for (let post = 0; post < 10; post += 1) await pacer.take();
    }),
  );
  const goneAt = pacers.flatMap(({ waits }) => waits).sort((a, b) => a - b);
  // The first of all need not wait.
  expect(goneAt).toHaveLength(39);
  for (const [index, at] of goneAt.entries()) expect(at).toBeCloseTo(10 * (index + 1));
});
