/** Stores on the line, by the client library. */
import { WebSocket } from 'ws';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import type { AdjustableClock } from '../../local/cloud-clock.ts';
import {
  type FleetNumbers,
  type Lived,
  MINUTE_MS,
  ordinarySale,
  Plan,
  type SteppedStores,
} from './reference-fleet.ts';

export interface ReportingFleetOptions extends FleetNumbers {
  url: string;
  clock: AdjustableClock;
  random: () => number;
}

/** A clock that goes by steps waits for answers: none is ever late. */
const PATIENCE_MS = 60 * MINUTE_MS;
/** Nobody asked for these. */
const TOLD = ['update', 'pace', 'closing'];

export class ReportingFleet implements SteppedStores {
  readonly #options: ReportingFleetOptions;
  readonly #clients: StoreClient[] = [];
  readonly #plan = new Plan();
  #unanswered = 0;
  #answeredAll: () => void = () => {};
  #sold = 0;
  #applied = 0;

  constructor(options: ReportingFleetOptions) {
    this.#options = options;
  }

  async connect(tokens: readonly string[]): Promise<void> {
    for (const token of tokens) await this.#connect(token);
  }

  sell(minutes: number): void {
    const { clock, linesPerSale, random, salesPerMinute } = this.#options;
    const from = clock.now();
    const sale = (client: StoreClient) => () => {
      this.#sold += 1;
      void client.send(ordinarySale(linesPerSale, clock.now()));
    };
    const sales = this.#clients.flatMap(client =>
      Array.from({ length: Math.round(salesPerMinute * minutes) }, () => ({
        at: from + random() * minutes * MINUTE_MS,
        act: sale(client),
      })),
    );
    this.#plan.add(sales);
  }

  async step(): Promise<void> {
    this.#plan.run(this.#options.clock.now());
    do {
      // What a client sends, it sends within a turn or two.
      await new Promise(resolve => setImmediate(resolve));
      if (this.#unanswered > 0) await new Promise<void>(resolve => (this.#answeredAll = resolve));
    } while (this.#unanswered > 0);
  }

  lived(): Lived {
    const failures = this.#clients.map(({ connected, refused }) => refused.length + (connected ? 0 : 1));
    const failed = failures.reduce((sum, count) => sum + count, 0);
    return { sold: this.#sold, heard: this.#applied, failed };
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map(client => client.close()));
  }

  async #connect(token: string): Promise<void> {
    const { clock, random, url } = this.#options;
    const client = createStoreClient({
      ...{ url, token, clock, random },
      outbox: memoryOutbox(),
      WebSocket: this.#countingWebSocket(),
      answerTimeoutMs: PATIENCE_MS,
      pongTimeoutMs: PATIENCE_MS,
    });
    client.on('applied', () => {
      this.#applied += 1;
    });
    this.#clients.push(client);
    await new Promise<void>(resolve => client.on('synced', () => resolve()));
  }

  #countingWebSocket() {
    const count = (change: number) => {
      this.#unanswered += change;
      if (this.#unanswered === 0) this.#answeredAll();
    };
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        this.on('message', data => {
          if (!TOLD.includes(JSON.parse(String(data)).type)) count(-1);
        });
      }

      override send(data: string): void {
        count(1);
        super.send(data);
      }
    };
  }
}
