/** The short form of `npm run chaos`: every kind of fault at least once, and nothing is lost. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesizedAssembly, temporaryDirectory } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { planChaos } from './plan.ts';
import { Random } from './random.ts';
import { runChaos } from './run.ts';

/** Fixed: a run that was red is run again as it was. */
const SEED = Number(process.env.CHAOS_SEED ?? 12);

test(`nothing is lost of a fleet under every fault (CHAOS_SEED=${SEED})`, {
  timeout: patience(240_000),
}, async () => {
  const report = await runChaos({
    assembly: synthesizedAssembly(),
    directory: temporaryDirectory(),
    stores: 30,
    seconds: 16,
    seed: SEED,
    salesPerMinute: 60,
    updatesPerMinute: 100,
    heartbeatMs: 4_000,
    patienceMs: patience(120_000),
  });
  expect({ lost: report.lost, unsettled: report.unsettled }).toEqual({ lost: [], unsettled: [] });
  expect(report.injected).toMatchObject({
    'kill -9 of the cloud': expect.any(Number),
    'lines cut': expect.any(Number),
    'poison events': report.poisons,
  });
  expect(report.sales).toBeGreaterThan(100);
  expect(report.deliveries).toBeGreaterThan(report.updates);
});

test('a run whose cloud dies by itself ends, and says how it died', async () => {
  const directory = temporaryDirectory();
  const assembly = join(directory, 'nothing');
  const run = runChaos({ assembly, directory, stores: 1, seconds: 1, seed: SEED });
  await expect(run).rejects.toThrow(/mortal-cloud-process.ts ended with exit code 1\n.*nothing/s);
});

test('a seed fixes what is injected, when and how hard', () => {
  const plan = (seed: number) => planChaos(new Random(seed), 60_000);
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
});

test.each([16_000, 180_000])('a plan of %d ms deals every kind of fault', durationMs => {
  const kinds = new Set(planChaos(new Random(5), durationMs).map(({ kind }) => kind));
  expect(kinds.size).toBe(15);
});
