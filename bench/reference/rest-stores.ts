/** Stores that post each sale and poll for news over HTTP, with a connection a request or one that is kept. */
import { Agent, request } from 'node:http';
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

const [outputsFile, connection] = process.argv.slice(2);
const { ManagementUrl } = loadTarget(outputsFile).outputs;
const sockets = new Set<Socket>();
const tally = emptyTally();

class Store {
  readonly #agent = connection === 'kept' && new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #storeId: string;
  readonly #heardOf = new Set<string>();
  #position = 0;

  constructor(storeId: string) {
    this.#storeId = storeId;
  }

  async sell(): Promise<void> {
    const body = JSON.stringify({ storeId: this.#storeId, sale: sale() });
    await this.#ask('POST', 'sales', body);
  }

  async poll(): Promise<void> {
    const answer = await this.#ask('GET', `updates?position=${this.#position}`);
    const { position, updates } = JSON.parse(answer) as { position: number; updates: { id: string }[] };
    this.#position = position;
    for (const { id } of updates) {
      if (!this.#heardOf.has(id)) tally.delays.push(ageOf(id));
      this.#heardOf.add(id);
    }
  }

  #ask(method: string, path: string, body = ''): Promise<string> {
    tally.asked += 1;
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const asked = request(
        new URL(path, ManagementUrl),
        { agent: this.#agent, method, headers },
        response => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', piece => {
            text += piece;
          });
          response.on('end', () => {
            tally.received += 1;
            if ((response.statusCode ?? 500) < 300) resolve(text);
            else reject(new Error(`${method} ${path} was answered ${response.statusCode}`));
          });
        },
      );
      asked.on('socket', socket => sockets.add(socket));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

const stores = Array.from({ length: STORES }, (_, index) => new Store(String(index + 1).padStart(4, '0')));

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
    for (const ms of randomTimes(SALES_PER_MINUTE, minutes)) at(ms, () => store.sell());
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
