/**
 * Stores by the client library and their cloud on one clock, which goes on by steps: the next one once every question is
 * answered. So what is metered does not depend on how fast the machine is.
 */
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ordinarySale } from '../../bench/cost/reference-fleet.ts';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { type AdjustableClock, createClock } from '../../local/cloud-clock.ts';
import { connect, type TestStore } from '../contract/store.ts';
import { type BootedCloud, bootCloud } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { Random } from './random.ts';

const STEP_MS = 500;
const MINUTE_MS = 60_000;
/** Nobody asked for these. */
const TOLD = ['update', 'pace', 'closing'];

export interface SteppedFleetOptions {
  stores: number;
  salesPerMinute: number;
  linesPerSale: number;
}

export class SteppedFleet {
  readonly #clock: AdjustableClock;
  readonly #booted: BootedCloud;
  readonly #options: SteppedFleetOptions;
  readonly #random = new Random(15);
  readonly #clients: StoreClient[] = [];
  #unanswered = 0;
  #published = 0;
  #applied = 0;
  #manager: TestStore | undefined;
  /** What the bill was before the lines were opened, and after that. */
  readonly opening: Bill[] = [];

  private constructor(clock: AdjustableClock, booted: BootedCloud, options: SteppedFleetOptions) {
    this.#clock = clock;
    this.#booted = booted;
    this.#options = options;
    onTestFinished(() => Promise.all(this.#clients.map(client => client.close())).then(() => undefined));
  }

  /** All of them on the line and at rest. */
  static async open(options: SteppedFleetOptions): Promise<SteppedFleet> {
    const clock = createClock();
    const fleet = new SteppedFleet(clock, await bootCloud({ clock }), options);
    // The first roll-up of a system's life looks back over two days.
    clock.advance(5 * MINUTE_MS);
    await fleet.#until(() => fleet.#booted.logs.some(line => line.includes('Rollup')));
    const tokens = await fleet.#mint();
    fleet.opening.push(fleet.bill);
    for (const token of tokens) await fleet.#connect(token);
    fleet.opening.push(fleet.bill);
    // In its first minute a till waits for nothing.
    await fleet.live(2);
    return fleet;
  }

  get bill(): Bill {
    return this.#booted.cloud.bill();
  }

  get errors(): readonly string[] {
    return this.#booted.errors;
  }

  /** From now on, again with each time that it lives. */
  async watch(): Promise<void> {
    const { system } = this.#booted;
    const token = await system.mintToken({ role: 'manager', name: 'ada' });
    this.#manager = await connect(system, { token });
    await this.#askToWatch();
  }

  /** Sells at random times, and publishes to all. */
  async live(minutes: number, updatesPerMinute = 0): Promise<void> {
    const from = this.#clock.now();
    const { linesPerSale, salesPerMinute } = this.#options;
    for (const client of this.#clients) {
      for (let sale = 0; sale < salesPerMinute * minutes; sale += 1)
        this.#clock.after(this.#random.next() * minutes * MINUTE_MS, () => {
          void client.send(ordinarySale(linesPerSale, this.#clock.now()));
        });
    }
    let published = 0;
    await this.#askToWatch();
    while (this.#clock.now() < from + minutes * MINUTE_MS) {
      this.#clock.advance(STEP_MS);
      if (this.#clock.now() >= from + ((published + 0.2) / updatesPerMinute) * MINUTE_MS) {
        published += 1;
        await this.#publish();
      }
      await this.#settled();
    }
  }

  async #publish(): Promise<void> {
    this.#published += 1;
    const prices = [{ sku: '4006381333931', amount: 100 + this.#published, currency: 'EUR' }];
    await this.#booted.system.publish('PriceChanged', { prices });
    await this.#until(() => this.#applied >= this.#published * this.#clients.length);
  }

  async #askToWatch(): Promise<void> {
    if (this.#manager === undefined) return;
    this.#manager.send({ action: 'watch' });
    await this.#manager.next(({ type }) => type === 'watching');
  }

  #mint(): Promise<string[]> {
    const { system } = this.#booted;
    const ids = Array.from({ length: this.#options.stores }, (_, index) =>
      String(index + 1).padStart(4, '0'),
    );
    const where = { region: 'north', groups: ['city'] };
    return Promise.all(ids.map(storeId => system.mintToken({ role: 'store', storeId, ...where })));
  }

  async #connect(token: string): Promise<void> {
    const client = createStoreClient({
      url: this.#booted.system.storeEndpoint,
      token,
      outbox: memoryOutbox(),
      WebSocket: this.#countingWebSocket(),
      clock: this.#clock,
      random: () => this.#random.next(),
      answerTimeoutMs: 10 * MINUTE_MS,
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

  async #settled(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve));
    await this.#until(() => this.#unanswered === 0);
  }

  async #until(isSo: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + patience(20_000);
    while (!isSo()) {
      if (performance.now() > giveUpAt) throw new Error(`the fleet does not settle: ${this.errors.join()}`);
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }
}
