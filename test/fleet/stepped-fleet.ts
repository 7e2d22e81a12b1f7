/**
 * Stores by the client library and their cloud on one clock, which goes on by steps: the next one once every question is
 * answered. So what is metered does not depend on how fast the machine is.
 */
import { expect, onTestFinished } from 'vitest';
import { type FleetNumbers, MINUTE_MS } from '../../bench/cost/reference-fleet.ts';
import { ReportingFleet } from '../../bench/cost/reporting-fleet.ts';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { type AdjustableClock, createClock } from '../../local/cloud-clock.ts';
import { connect, type TestStore } from '../contract/store.ts';
import { type BootedCloud, bootCloud } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { Random } from './random.ts';

const STEP_MS = 400;

export class SteppedFleet {
  readonly #clock: AdjustableClock;
  readonly #booted: BootedCloud;
  readonly #numbers: FleetNumbers;
  readonly #stores: ReportingFleet;
  #published = 0;
  #manager: TestStore | undefined;
  /** What the bill was before the lines were opened, and after that. */
  readonly opening: Bill[] = [];

  private constructor(clock: AdjustableClock, booted: BootedCloud, numbers: FleetNumbers) {
    this.#clock = clock;
    this.#booted = booted;
    this.#numbers = numbers;
    const { storeEndpoint: url } = booted.system;
    this.#stores = new ReportingFleet({ ...numbers, url, clock, random: new Random(15).next });
    onTestFinished(() => this.#stores.close());
  }

  /** All of them on the line and at rest. */
  static async open(numbers: FleetNumbers): Promise<SteppedFleet> {
    const clock = createClock();
    const fleet = new SteppedFleet(clock, await bootCloud({ clock }), numbers);
    // The first roll-up of a system's life looks back over two days.
    clock.advance(5 * MINUTE_MS);
    await fleet.#until(() => fleet.#booted.logs.some(line => line.includes('Rollup')));
    const tokens = await fleet.#mint();
    fleet.opening.push(fleet.bill);
    await fleet.#stores.connect(tokens);
    fleet.opening.push(fleet.bill);
    // In its first minute a till waits for nothing.
    await fleet.live(2);
    return fleet;
  }

  get bill(): Bill {
    return this.#booted.cloud.bill();
  }

  /** Nothing failed so far. */
  check(): void {
    expect([this.#stores.lived().failed, this.#booted.errors]).toEqual([0, []]);
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
    let published = 0;
    this.#stores.sell(minutes);
    await this.#askToWatch();
    while (this.#clock.now() < from + minutes * MINUTE_MS) {
      this.#clock.advance(STEP_MS);
      await this.#stores.step();
      if (this.#clock.now() < from + ((published + 0.2) / updatesPerMinute) * MINUTE_MS) continue;
      published += 1;
      await this.#publish();
    }
  }

  async #publish(): Promise<void> {
    this.#published += 1;
    const prices = [{ sku: '4006381333931', amount: 100 + this.#published, currency: 'EUR' }];
    await this.#booted.system.publish('PriceChanged', { prices });
    const all = this.#published * this.#numbers.stores;
    await this.#until(() => this.#stores.lived().heard >= all);
  }

  async #askToWatch(): Promise<void> {
    if (this.#manager === undefined) return;
    this.#manager.send({ action: 'watch' });
    await this.#manager.next(({ type }) => type === 'watching');
  }

  #mint(): Promise<string[]> {
    const { system } = this.#booted;
    const ids = Array.from({ length: this.#numbers.stores }, (_, index) =>
      String(index + 1).padStart(4, '0'),
    );
    const where = { region: 'north', groups: ['city'] };
    return Promise.all(ids.map(storeId => system.mintToken({ role: 'store', storeId, ...where })));
  }

  async #until(isSo: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + patience(20_000);
    while (!isSo()) {
      if (performance.now() > giveUpAt)
        throw new Error(`the fleet does not settle: ${this.#booted.errors.join()}`);
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }
}
