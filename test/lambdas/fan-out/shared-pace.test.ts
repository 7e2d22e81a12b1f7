/** Many workers that share one pace, by a model of time: each posts what its own time allows, and none waits for all. */
import { expect, it } from 'vitest';
import { OwnTurnBucket } from '../../../lambdas/fan-out/turn-bucket.ts';
import { linesOf, modelGateway, modelPoster } from './model-gateway.ts';
import { ModelTime } from './model-time.ts';

const ACCOUNT = { rate: 10_000, burst: 5_000 };
const [RATE, BURST] = [4_500, 2_000];

/** Workers of one account, each with a pacer of its own. */
function workersOf(time: ModelTime) {
  const bucket = new OwnTurnBucket();
  const gateway = modelGateway(time, ACCOUNT);
  return { gateway, start: () => modelPoster(time, gateway, bucket).poster };
}

// 55 of 60 workers once waited for turns that were due after their own time limit, and were killed.
it('a worker whose turn comes too late ends in time, and says what is left', async () => {
  const time = new ModelTime();
  const { gateway, start } = workersOf(time);
  const turnsUntil = 11_000;
  const endedAt: number[] = [];
  const reports = await time.passUntil(
    Promise.all(
      Array.from({ length: 60 }, async (_, worker) => {
        const mayPost = () => time.now < turnsUntil;
        const report = await start().post('{}', [linesOf(1_000, `w${worker}-`)], mayPost, { turnsUntil });
        endedAt.push(time.now);
        return report;
      }),
    ),
  );
  // The answer to the last post is still waited for.
  expect(Math.max(...endedAt)).toBeLessThan(turnsUntil + 100);
  expect(reports.every(({ failed, sent }) => sent + failed.length === 1_000)).toBe(true);
  // The rest is more than a second of turns: they are used while they last.
  expect(gateway.posted.size).toBeGreaterThan((RATE * turnsUntil) / 1_000);
  expect(gateway.posted.size).toBeLessThanOrEqual(BURST + (RATE * turnsUntil) / 1_000);
});

it('broadcasts side by side keep the pace of one, and none ends long before or after the others', async () => {
  const time = new ModelTime();
  const { gateway, start } = workersOf(time);
  const endedAt: number[] = [];
  await time.passUntil(
    Promise.all(
      Array.from({ length: 20 }, async (_, worker) => {
        await start().post('{}', [linesOf(3_000, `w${worker}-`)], () => true);
        endedAt.push(time.now);
      }),
    ),
  );
  expect(gateway.refused).toBe(0);
  expect(gateway.posted.size).toBe(60_000);
  const ideal = ((60_000 - BURST) / RATE) * 1_000;
  expect(Math.max(...endedAt)).toBeLessThan(ideal * 1.05);
  expect(Math.min(...endedAt)).toBeGreaterThan(ideal * 0.6);
});

it('a price for one store waits for none of the large broadcasts to end', async () => {
  const time = new ModelTime();
  const { gateway, start } = workersOf(time);
  const large = Array.from({ length: 20 }, (_, worker) =>
    start().post('{}', [linesOf(5_000, `w${worker}-`)], () => true),
  );
  const small = time.wait(8_000).then(async () => {
    await start().post('{}', [linesOf(1, 'small')], () => true);
    return time.now - 8_000;
  });
  expect(await time.passUntil(small)).toBeLessThan(1_500);
  await time.passUntil(Promise.all(large));
  expect(gateway.posted.size).toBe(100_001);
});
