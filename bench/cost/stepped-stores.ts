/** A fleet in a process of its own, on a clock that goes on when it is told to. */
import { loadTarget } from '../../cli/target.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { BareStore } from '../bare-store.ts';
import { answerQuestions } from '../processes.ts';
import { PollingFleet } from './polling-fleet.ts';
import { type FleetNumbers, type Lived, MINUTE_MS, type SteppedStores } from './reference-fleet.ts';
import { ReportingFleet } from './reporting-fleet.ts';

/** Its argument. */
export interface StoresStart extends FleetNumbers {
  outputsFile: string;
  kind: 'reporting' | 'polling' | 'gathering';
}

export type StoresQuestion = 'mint' | 'connect' | 'watch' | 'lived' | { sell: number } | { stepTo: number };

const { kind, outputsFile, ...numbers } = JSON.parse(process.argv[2] ?? '{}') as StoresStart;
const target = loadTarget(outputsFile);
const clock = createClock();
/** Less than the five minutes for which one `watch` lasts. */
const WATCH_EVERY_MS = 4 * MINUTE_MS;

const own = { ...numbers, clock, random: Math.random };
const { ManagementUrl, StoreEndpoint } = target.outputs;
const stores: SteppedStores =
  kind === 'reporting'
    ? new ReportingFleet({ ...own, url: StoreEndpoint })
    : new PollingFleet({ ...own, url: ManagementUrl, gathers: kind === 'gathering' });
const tokens: string[] = [];

/** The key signs a token in years: no part of what opening a line costs. */
async function mint(): Promise<void> {
  for (let index = 1; index <= (kind === 'reporting' ? numbers.stores : 0); index += 1) {
    const storeId = String(index).padStart(4, '0');
    tokens.push(await target.mint({ role: 'store', storeId, region: 'north', groups: ['city'] }));
  }
}

async function watch(): Promise<void> {
  const token = await target.mint({ role: 'manager', name: 'bench' });
  const manager = await BareStore.connect(StoreEndpoint, token);
  const again = async () => {
    await manager.ask({ action: 'watch' });
    clock.after(WATCH_EVERY_MS, () => void again());
  };
  await again();
}

answerQuestions(async (question: StoresQuestion): Promise<Lived | undefined> => {
  if (question === 'mint') await mint();
  else if (question === 'connect') await stores.connect(tokens);
  else if (question === 'watch') await watch();
  else if (question === 'lived') return stores.lived();
  else if ('sell' in question) stores.sell(question.sell);
  else {
    clock.advance(Math.max(0, question.stepTo - clock.now()));
    await stores.step();
  }
  return undefined;
});
