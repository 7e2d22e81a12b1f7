/** Stores that post each sale and poll for news over HTTP, with a connection a request or one that is kept. */
import type { Socket } from 'node:net';
import { loadTarget } from '../../cli/target.ts';
import { answerQuestions } from '../processes.ts';
import { sale } from '../sample-sale.ts';
import {
  ageOf,
  emptyTally,
  evenTimes,
  POLLS_PER_MINUTE,
  randomTimes,
  SALES_PER_MINUTE,
  STORES,
  type Tally,
} from './day.ts';
import { PollingStore } from './polling-store.ts';

const [outputsFile, connection] = process.argv.slice(2);
const { ManagementUrl } = loadTarget(outputsFile).outputs;
const sockets = new Set<Socket>();
const tally = emptyTally();

const stores = Array.from(
  { length: STORES },
  (_, index) =>
    new PollingStore({
      storeId: String(index + 1).padStart(4, '0'),
      url: ManagementUrl,
      keepsConnection: connection === 'kept',
      onSocket: socket => sockets.add(socket),
      onAsked: () => {
        tally.asked += 1;
      },
      onAnswered: () => {
        tally.received += 1;
      },
      onUpdate: id => tally.delays.push(ageOf(id)),
    }),
);

/** Each request at its time, whatever became of the one before: the socket makes them wait. */
async function live(minutes: number): Promise<Tally> {
  const before = process.cpuUsage();
  const done: Promise<void>[] = [];
  const at = (ms: number, act: () => Promise<void>) => {
    const later = new Promise(resolve => setTimeout(resolve, ms));
    const counted = later.then(act).catch(error => {
      tally.failed += 1;
      if (tally.failed === 1) console.error(error);
    });
    done.push(counted);
  };
  for (const store of stores) {
    for (const ms of randomTimes(SALES_PER_MINUTE, minutes)) at(ms, () => store.sell([sale()]));
    for (const ms of evenTimes(POLLS_PER_MINUTE, minutes)) at(ms, () => store.poll());
  }
  await Promise.all(done);
  const { user, system } = process.cpuUsage(before);
  for (const { bytesRead, bytesWritten } of sockets) tally.bytes += bytesRead + bytesWritten;
  return { ...tally, connections: sockets.size, cpuMs: (user + system) / 1000 };
}

answerQuestions((question: 'connect' | { live: number }) =>
  question === 'connect' ? undefined : live(question.live),
);
