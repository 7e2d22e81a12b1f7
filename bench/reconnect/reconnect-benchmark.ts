/** (g) A fleet that was away comes back all at once: how long until each store has what it missed, and has it once. */

import { synthesize } from '../../cli/synthesize.ts';
import { loadTarget, type Target } from '../../cli/target.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import { BareStore } from '../bare-store.ts';
import { Comparison, type Goal, type Outcome } from '../benchmark.ts';
import { startPart } from '../processes.ts';
import type { Storm } from './returning-stores.ts';
import { costOf } from './storm-cost.ts';

const STORES = 1_000;
const UPDATES = 200;
const ROUNDS = 2;
const REGION = 'north';
const PUBLISHING_AT_ONCE = 10;
/** What AWS lets in: 500 new connections a second. */
const BOUND_MS = (STORES / 500) * 1_000;

export const title = `${STORES} stores that were away for ${UPDATES} updates reconnect at once, 500 a second at most`;

export async function run(): Promise<Outcome> {
  const cloud = startPart(new URL('../broadcast/cloud.ts', import.meta.url), {
    args: [await synthesize(), 'as on AWS'],
  });
  const outputsFile = (await cloud.ask('outputs file')) as string;
  const args = [outputsFile, String(STORES), REGION];
  const stores = startPart(new URL('returning-stores.ts', import.meta.url), { args });
  const time = new Comparison('ms');
  const refused = new Comparison('handshakes');
  const failed = new Comparison('frames');
  const lost = new Comparison('updates');
  const cpu = new Comparison('ms CPU');
  let [wrong, failedHandshakes] = [0, 0];
  try {
    await publishAll(outputsFile);
    await stores.ask('mint');
    for (let round = 0; round <= ROUNDS; round += 1) {
      await untilAllAreAway(loadTarget(outputsFile));
      const { cost, result: storm } = await costOf({ cloud, stores }, async () => {
        return (await stores.ask({ comeBackTo: UPDATES })) as Storm;
      });
      wrong += storm.missed + storm.doubled;
      const { 429: throttled = 0, ...others } = storm.refused;
      const faults = Object.values(others).reduce((sum, count) => sum + count, 0);
      failedHandshakes += faults;
      if (faults > 0) console.log(`handshakes that were answered otherwise than 429, by status:`, others);
      if (round === 0) continue;
      time.add('until half are current', storm.halfMs);
      time.add('until all are current', storm.allMs);
      refused.add('refused with 429, the gateway’s throttle', throttled);
      refused.add('refused with another status', faults);
      failed.add('syncs that the gateway itself answered', storm.failedFrames);
      lost.add('missed, or had twice', storm.missed + storm.doubled);
      cpu.add('the local cloud, functions included', cost.cloudCpuMs);
      cpu.add('the stores', cost.storesCpuMs);
    }
  } finally {
    await stores.stop();
    await cloud.ask('stop');
    await cloud.stop();
  }
  const rows = [time, refused, failed, lost, cpu].flatMap(comparison => comparison.rows());
  const current: Goal = {
    what: `${STORES.toLocaleString('en')} stores that missed ${UPDATES} updates, until all are current, against 500 connections a second`,
    value: time.median('until all are current') / BOUND_MS,
    unit: '×',
    must: 2,
    moonshot: 1.25,
    better: 'less',
  };
  const goals = [
    none('updates missed, or had twice,', wrong),
    none('handshakes that failed, other than by the gateway’s throttle,', failedHandshakes),
    current,
  ];
  return { rows, goals };
}

function none(what: string, value: number): Goal {
  const stores = `by ${STORES.toLocaleString('en')} stores that reconnect at once`;
  return { what: `${what} ${stores}`, value, unit: '', must: 0, moonshot: 0, better: 'less' };
}

/** Half of them to every store, half to its region; ends when one that listens has them all, so that all are in the log. */
async function publishAll(outputsFile: string): Promise<void> {
  const target = loadTarget(outputsFile);
  const token = await target.mint({ role: 'store', storeId: 'listener', region: REGION, groups: [] });
  const listener = await BareStore.connect(target.outputs.StoreEndpoint, token);
  const left = Array.from({ length: UPDATES }, (_, index) => index);
  const work = async () => {
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      const prices = [{ sku: `sku-${index}`, amount: 199, currency: 'EUR' }];
      const audience = index % 2 === 0 ? {} : { audience: { regions: [REGION] } };
      await target.putEvent('bench', 'PriceChanged', { updateId: `away-${index}`, prices, ...audience });
    }
  };
  await Promise.all(Array.from({ length: PUBLISHING_AT_ONCE }, work));
  while (new Set(listener.pushed).size < UPDATES) await new Promise(resolve => setTimeout(resolve, 50));
  listener.end();
}

/** They were noted to be gone long before they come back: what the ends of their lines take is no part of the return. */
async function untilAllAreAway({ api }: Target): Promise<void> {
  while ((await api.list(operations.listStores)).some(({ connected }) => connected))
    await new Promise(resolve => setTimeout(resolve, 500));
}
