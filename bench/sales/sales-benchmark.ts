/** (f) How many sales a second the local cloud takes in, against what the reference fleet sells. */

import { synthesize } from '../../cli/synthesize.ts';
import { Comparison, type Outcome } from '../benchmark.ts';
import { startPart } from '../processes.ts';

export const title = 'Sales taken in a second by the local cloud, in frames of 10';

/** So many that none comes near the 100 frames a second that a store may send, and no minute of one near its 380 KB. */
const STORES = 500;
const FRAMES_UNDER_WAY = 1;
const ROUNDS = 5;
const SECONDS = 5;
/** 1,000 stores that sell 7 times a minute. */
const REFERENCE_FLEET = 7_000 / 60;

export async function run(): Promise<Outcome> {
  const cloud = startPart(new URL('../broadcast/cloud.ts', import.meta.url), { args: [await synthesize()] });
  const outputsFile = (await cloud.ask('outputs file')) as string;
  const args = [outputsFile, String(STORES), String(FRAMES_UNDER_WAY)];
  const stores = startPart(new URL('selling-stores.ts', import.meta.url), { args });
  const rate = new Comparison('sales/s');
  const answers = new Comparison('ms');
  try {
    await stores.ask('connect');
    for (let round = 0; round <= ROUNDS; round += 1) {
      const sold = (await stores.ask({ sellForSeconds: SECONDS })) as Record<string, number>;
      if (round === 0) continue;
      rate.add('accepted', sold.salesPerSecond ?? 0);
      answers.add('a frame answered, p50', sold.p50Ms ?? 0);
      answers.add('a frame answered, p99', sold.p99Ms ?? 0);
    }
  } finally {
    await stores.stop();
    await cloud.ask('stop');
    await cloud.stop();
  }
  return {
    rows: [...rate.rows(), ...answers.rows()],
    goals: [
      {
        what: 'sales taken in by the local cloud, times what the reference fleet sells',
        value: rate.median('accepted') / REFERENCE_FLEET,
        unit: '×',
        must: 10,
        moonshot: 30,
        better: 'more',
      },
    ],
  };
}
