/** Stores on the line, by the client library: it gathers sales, and sends a receipt for each update. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { loadTarget } from '../../cli/target.ts';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import { answerQuestions } from '../processes.ts';
import { sale } from '../sample-sale.ts';
import { ageOf, emptyTally, randomTimes, SALES_PER_MINUTE, STORES, type Tally } from './day.ts';

const [outputsFile] = process.argv.slice(2);
const target = loadTarget(outputsFile);
const CONNECTING_AT_ONCE = 32;
const SETTLING_MS = 10_000;
const clients: StoreClient[] = [];
const sockets = new Set<Socket>();
const tally = emptyTally();

/** The library's own WebSocket, but that it is counted. */
class CountedWebSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    this.on('upgrade', ({ socket }) => sockets.add(socket));
    this.on('message', () => {
      tally.received += 1;
    });
  }

  override send(data: string): void {
    tally.asked += 1;
    super.send(data);
  }
}

async function connectAll(): Promise<void> {
  const left = Array.from({ length: STORES }, (_, index) => String(index + 1).padStart(4, '0'));
  const work = async () => {
    for (let storeId = left.pop(); storeId !== undefined; storeId = left.pop()) await connect(storeId);
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
}

async function connect(storeId: string): Promise<void> {
  const client = createStoreClient({
    url: target.outputs.StoreEndpoint,
    token: await target.mint({ role: 'store', storeId, region: undefined, groups: [] }),
    outbox: memoryOutbox(),
    WebSocket: CountedWebSocket,
  });
  client.on('update', ({ id }) => tally.delays.push(ageOf(id)));
  clients.push(client);
  await new Promise<void>(resolve => client.on('synced', () => resolve()));
}

async function live(minutes: number): Promise<Tally> {
  // What it takes to connect is counted in connections alone: a line stands for two hours.
  const [bytesBefore, before] = [bytes(), process.cpuUsage()];
  Object.assign(tally, { asked: 0, received: 0 });
  const done: Promise<unknown>[] = [];
  for (const client of clients) {
    for (const ms of randomTimes(SALES_PER_MINUTE, minutes)) {
      const later = new Promise(resolve => setTimeout(resolve, ms));
      done.push(later.then(() => client.send(sale())));
    }
  }
  await Promise.all(done);
  const giveUpAt = performance.now() + SETTLING_MS;
  const unsent = () => clients.reduce((sum, client) => sum + client.unsent, 0);
  while (unsent() > 0 && performance.now() < giveUpAt) await new Promise(resolve => setTimeout(resolve, 100));
  const { user, system } = process.cpuUsage(before);
  return {
    ...tally,
    connections: sockets.size,
    bytes: bytes() - bytesBefore,
    failed: unsent(),
    cpuMs: (user + system) / 1000,
  };
}

function bytes(): number {
  return [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
}

answerQuestions((question: 'connect' | { live: number }) =>
  question === 'connect' ? connectAll() : live(question.live),
);
