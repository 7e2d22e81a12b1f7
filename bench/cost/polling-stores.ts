/** Stores that ask for prices and post their sales by requests, one by one or a minute's at once, on a clock that goes fast. */
import { loadTarget } from '../../cli/target.ts';
import { answerQuestions } from '../processes.ts';
import { evenTimes, randomTimes } from '../reference/day.ts';
import { PollingStore } from '../reference/polling-store.ts';
import { FastClock } from './fast-clock.ts';
import { type Lived, ordinarySale, POLLS_PER_MINUTE, type StoresStart } from './reference-fleet.ts';

const [start = '{}'] = process.argv.slice(2);
const fleet = JSON.parse(start) as StoresStart;
const clock = new FastClock(fleet.clock);
const { ManagementUrl } = loadTarget(fleet.outputsFile).outputs;
let heard = 0;
const stores = Array.from(
  { length: fleet.stores },
  (_, index) =>
    new PollingStore({
      storeId: String(index + 1).padStart(4, '0'),
      url: ManagementUrl,
      keepsConnection: true,
      onUpdate: () => {
        heard += 1;
      },
    }),
);

async function live(minutes: number): Promise<Lived> {
  const before = process.cpuUsage();
  const lived = { sold: 0, failed: 0 };
  const done: Promise<void>[] = [];
  const at = (ms: number, act: () => Promise<void>) => {
    if (ms >= minutes * 60_000) return;
    const acted = clock.until(from + ms).then(act);
    done.push(
      acted.catch(error => {
        lived.failed += 1;
        if (lived.failed === 1) console.error(error);
      }),
    );
  };
  const from = clock.now();
  const sell = (store: PollingStore, soldAfter: readonly number[]) => {
    lived.sold += soldAfter.length;
    return store.sell(soldAfter.map(ms => ordinarySale(fleet.linesPerSale, from + ms)));
  };
  for (const store of stores) {
    for (let minute = 0; minute < minutes; minute += 1) {
      const times = randomTimes(fleet.salesPerMinute, 1).map(ms => minute * 60_000 + ms);
      if (!fleet.gathers) for (const ms of times) at(ms, () => sell(store, [ms]));
      // Those of the minute before would go in the first one: a minute's sales in each of them.
      else at((minute + Math.random()) * 60_000, () => sell(store, times));
    }
    for (const ms of evenTimes(POLLS_PER_MINUTE, minutes)) at(ms, () => store.poll());
  }
  await Promise.all([...done, clock.until(from + minutes * 60_000)]);
  const { user, system } = process.cpuUsage(before);
  return { ...lived, heard, cpuMs: (user + system) / 1000 };
}

answerQuestions((question: 'mint' | 'connect' | { live: number }) =>
  typeof question === 'string' ? undefined : live(question.live),
);
