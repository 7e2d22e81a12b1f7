/** Stores on the line, by the client library on a clock that goes fast, and a manager who watches or not. */
import { WebSocket } from 'ws';
import { loadTarget } from '../../cli/target.ts';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import { BareStore } from '../bare-store.ts';
import { answerQuestions } from '../processes.ts';
import { randomTimes } from '../reference/day.ts';
import { FastClock } from './fast-clock.ts';
import { type Lived, ordinarySale, type StoresStart } from './reference-fleet.ts';

const [start = '{}'] = process.argv.slice(2);
const {
  clock: clockStart,
  linesPerSale,
  outputsFile,
  salesPerMinute,
  stores,
} = JSON.parse(start) as StoresStart;
const clock = new FastClock(clockStart);
const target = loadTarget(outputsFile);
const CONNECTING_AT_ONCE = 32;
/** Less than the five minutes for which one `watch` lasts. */
const WATCH_EVERY_MS = 4 * 60_000;
/** A machine that is busy answers late by its own clock, and far later by one that goes fast. */
const PATIENCE_MS = 10_000 * clockStart.speed;
const tokens: string[] = [];
const clients: StoreClient[] = [];
let applied = 0;

/** The key signs a token in years: no part of what opening a line costs. */
async function mintAll(): Promise<void> {
  for (let index = 1; index <= stores; index += 1) {
    const storeId = String(index).padStart(4, '0');
    tokens.push(await target.mint({ role: 'store', storeId, region: 'north', groups: ['city'] }));
  }
}

async function connectAll(): Promise<void> {
  const work = async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) await connect(token);
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
}

async function connect(token: string): Promise<void> {
  const client = createStoreClient({
    url: target.outputs.StoreEndpoint,
    token,
    outbox: memoryOutbox(),
    WebSocket,
    clock,
    answerTimeoutMs: PATIENCE_MS,
    pongTimeoutMs: PATIENCE_MS,
  });
  client.on('applied', () => {
    applied += 1;
  });
  clients.push(client);
  await new Promise<void>(resolve => client.on('synced', () => resolve()));
}

async function keepWatching(): Promise<void> {
  const token = await target.mint({ role: 'manager', name: 'bench' });
  const manager = await BareStore.connect(target.outputs.StoreEndpoint, token);
  const watch = async () => {
    await manager.ask({ action: 'watch' });
    clock.after(WATCH_EVERY_MS, () => void watch());
  };
  await watch();
}

/** Sells from now on, and answers when the time is over: what was not sent by then is of the next minute. */
async function live(minutes: number): Promise<Lived> {
  const from = clock.now();
  const before = process.cpuUsage();
  let sold = 0;
  for (const client of clients) {
    for (const ms of randomTimes(salesPerMinute, minutes)) {
      clock.after(ms, () => {
        sold += 1;
        void client.send(ordinarySale(linesPerSale, clock.now()));
      });
    }
  }
  await clock.until(from + minutes * 60_000);
  const { user, system } = process.cpuUsage(before);
  const failed = clients.reduce(
    (sum, { connected, refused }) => sum + refused.length + (connected ? 0 : 1),
    0,
  );
  return { sold, heard: applied, failed, cpuMs: (user + system) / 1000 };
}

const deeds = { mint: mintAll, connect: connectAll, watch: keepWatching };
answerQuestions((question: keyof typeof deeds | { live: number }) =>
  typeof question === 'string' ? deeds[question]() : live(question.live),
);
