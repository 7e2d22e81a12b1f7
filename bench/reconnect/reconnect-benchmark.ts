/** (g) A fleet that was away comes back all at once: how long until each store has what it missed, and has it once. */

import { synthesize } from '../../cli/synthesize.ts';
import { loadTarget } from '../../cli/target.ts';
import { BareStore } from '../bare-store.ts';
import { Comparison, type Outcome } from '../benchmark.ts';
import { startPart } from '../processes.ts';

const STORES = 1_000;
const UPDATES = 200;
const ROUNDS = 2;
const REGION = 'north';
const PUBLISHING_AT_ONCE = 10;

export const title = `${STORES} stores that were away for ${UPDATES} updates reconnect at once, 500 a second at most`;

export async function run(): Promise<Outcome> {
  const cloud = startPart(new URL('../broadcast/cloud.ts', import.meta.url), {
    args: [await synthesize(), 'as on AWS'],
  });
  const outputsFile = (await cloud.ask('outputs file')) as string;
  const args = [outputsFile, String(STORES), REGION];
  const stores = startPart(new URL('returning-stores.ts', import.meta.url), { args });
  const time = new Comparison('ms');
  const refusals = new Comparison('handshakes');
  let wrong = 0;
  try {
    await publishAll(outputsFile);
    await stores.ask('mint');
    for (let round = 0; round <= ROUNDS; round += 1) {
      const storm = (await stores.ask({ comeBackTo: UPDATES })) as Record<string, number>;
      wrong += (storm.missed ?? 0) + (storm.doubled ?? 0);
      if (round === 0) continue;
      time.add('until half are current', storm.halfMs ?? 0);
      time.add('until all are current', storm.allMs ?? 0);
      refusals.add('refused with 429', storm.refusals ?? 0);
    }
  } finally {
    await stores.stop();
    await cloud.ask('stop');
    await cloud.stop();
  }
  const goal = {
    what: `updates missed, or had twice, by ${STORES.toLocaleString('en')} stores that reconnect at once`,
    value: wrong,
    unit: '',
    must: 0,
    moonshot: 0,
    better: 'less' as const,
  };
  return { rows: [...time.rows(), ...refusals.rows()], goals: [goal] };
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
