/** (c) The reference fleet: our broadcast on the local cloud, against the usual sample on serverless-offline. */
import { randomUUID } from 'node:crypto';
import { synthesize } from '../../cli/synthesize.ts';
import { Comparison, type Outcome } from '../benchmark.ts';
import { Backend, ROUNDS, WARM_UP_ROUNDS } from '../broadcast/comparison.ts';
import { NotInstalledError } from '../npm-install.ts';
import { type Part, startPart } from '../processes.ts';
import { Offline } from './offline-process.ts';

const STORES = 1_000;
const SAMPLE = 'usual sample on serverless-offline';
const OURS = 'storecast on its local cloud';

export const title = `A price to ${STORES} stores, from publishing it to the last frame, against serverless-offline`;

export async function run(): Promise<Outcome> {
  const offline = new Offline();
  try {
    await offline.install();
    return outcome(await compare(offline));
  } catch (error) {
    if (!(error instanceof NotInstalledError)) throw error;
    console.error(`skipped: ${error.message}`);
    return { rows: [], goals: [] };
  } finally {
    await offline.stop();
  }
}

async function compare(offline: Offline): Promise<Comparison> {
  const comparison = new Comparison('ms', SAMPLE);
  const tables = startPart(new URL('offline-tables.ts', import.meta.url));
  const { publish, stores } = await offline.start((await tables.ask('start')) as string);
  const fleet = startPart(new URL('../broadcast/fleet.ts', import.meta.url), { args: [stores] });
  await fleet.ask({ connect: STORES });
  const backend = await Backend.start(await synthesize(), STORES);
  try {
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      const theirs = await publishBySample(publish, fleet);
      const ours = await backend.publish('sent');
      if (round < 0) continue;
      comparison.add(SAMPLE, theirs);
      comparison.add(OURS, ours);
    }
  } finally {
    await backend.stop();
    await fleet.stop();
    await tables.stop();
  }
  return comparison;
}

/** Its answer comes when its handler is done: so both count from the sending. @returns milliseconds */
async function publishBySample(url: string, fleet: Part): Promise<number> {
  const updateId = randomUUID();
  const arrival = fleet.ask({ await: updateId });
  const prices = [{ sku: '4006381333931', amount: 199, currency: 'EUR' }];
  const sentAt = process.hrtime.bigint();
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ updateId, prices }) });
  if (!answer.ok) throw new Error(`the sample answered ${answer.status}: ${await answer.text()}`);
  return Number(BigInt((await arrival) as string) - sentAt) / 1e6;
}

function outcome(comparison: Comparison): Outcome {
  const goal = {
    what: 'a price to 1,000 stores, times sooner than by the usual sample on serverless-offline',
    value: comparison.timesLess(OURS),
    unit: '×',
    retired: 'near [its floor](bench/README.md#the-local-clouds-floor)',
  };
  return { rows: comparison.rows(), goals: [goal] };
}
