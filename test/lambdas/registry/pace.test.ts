import { afterEach, expect, it } from 'vitest';
import { Pace } from '../../../lambdas/registry/pace.ts';
import { startAws, TABLES } from '../aws.ts';

const RESTING_MS = 60_000;
const MINUTE_MS = 60_000;
const aws = await startAws();
afterEach(() => aws.reset());
const newPace = () => new Pace({ client: aws.dynamodb, table: TABLES.stores });

/** How often the item is written while this is done. */
async function writesOf(work: () => Promise<unknown>): Promise<number> {
  let writes = 0;
  aws.faultOf = operation => {
    if (operation === 'UpdateItem') writes += 1;
    return undefined;
  };
  await work();
  aws.reset();
  return writes;
}

it('begins with the first watcher, is moved on by those who watch on, and ends by itself', async () => {
  const now = Date.now();
  const until = await newPace().watch(now);
  expect(until).toBe(now + 5 * MINUTE_MS);
  expect(await newPace().reportEveryMs(RESTING_MS, now)).toBe(1_000);

  const soon = newPace();
  expect(await writesOf(() => soon.watch(now + MINUTE_MS - 1))).toBe(0);
  expect(await soon.watch(now + MINUTE_MS - 1)).toBe(until);
  expect(await soon.watch(now + MINUTE_MS)).toBe(until + MINUTE_MS);

  const store = newPace();
  expect(await store.reportEveryMs(RESTING_MS, until + MINUTE_MS - 1)).toBe(1_000);
  expect(await store.reportEveryMs(RESTING_MS, until + MINUTE_MS)).toBe(RESTING_MS);
});

it('is read once a second in an environment, and is never slower than the rest', async () => {
  const now = Date.now() + 60 * MINUTE_MS;
  const pace = newPace();
  expect(await pace.reportEveryMs(RESTING_MS, now)).toBe(RESTING_MS);
  await newPace().watch(now);
  expect(await pace.reportEveryMs(RESTING_MS, now + 999)).toBe(RESTING_MS);
  expect(await pace.reportEveryMs(RESTING_MS, now + 1_000)).toBe(1_000);
  expect(await pace.reportEveryMs(500, now + 1_000)).toBe(500);
  // A fleet that the throttle does not carry each second.
  const slow = new Pace({ client: aws.dynamodb, table: TABLES.stores, watchedMs: 25_000 });
  expect(await slow.reportEveryMs(RESTING_MS, now + 1_000)).toBe(25_000);
});
