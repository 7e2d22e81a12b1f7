/**
 * Cloud and stores in processes of their own, whose clocks go on together: the next step comes when the stores are settled, or
 * they live as the machine's clock goes.
 */
import { loadTarget, type Target } from '../../cli/target.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { type Part, startPart } from '../processes.ts';
import type { CloudQuestion, Reading } from './metered-cloud.ts';
import { type FleetNumbers, type Lived, MINUTE_MS } from './reference-fleet.ts';
import type { StoresQuestion, StoresStart } from './stepped-stores.ts';

/** What lives there. */
export interface Inhabitants {
  name: string;
  assembly: string;
  kind: StoresStart['kind'];
}

/** Less than what stores that are watched gather for. */
const STEP_MS = 400;
/** The first roll-up of a system's life, which looks back over two days, is no part of a month. */
const BEFORE_STORES_MINUTES = 6;
/** How often stores that live as the machine's clock goes do what is due. */
const TICK_MS = 20;

export class SteppedSystem {
  readonly #variant: Inhabitants;
  readonly #numbers: FleetNumbers;
  readonly #cloud: Part;
  readonly #stores: Part;
  readonly target: Target;
  #published = 0;
  /** What the clocks of both show: the machine's, until a step moves them on. */
  readonly clock = createClock();
  #now = this.clock.now();

  private constructor(variant: Inhabitants, numbers: FleetNumbers, cloud: Part, outputsFile: string) {
    this.#variant = variant;
    this.#numbers = numbers;
    this.#cloud = cloud;
    this.target = loadTarget(outputsFile);
    const start: StoresStart = { ...numbers, outputsFile, kind: variant.kind };
    this.#stores = startPart(new URL('stepped-stores.ts', import.meta.url), {
      args: [JSON.stringify(start)],
    });
  }

  static async start(variant: Inhabitants, numbers: FleetNumbers): Promise<SteppedSystem> {
    const cloud = startPart(new URL('metered-cloud.ts', import.meta.url), { args: [variant.assembly] });
    const outputsFile = await cloud.ask('outputs file' satisfies CloudQuestion);
    return new SteppedSystem(variant, numbers, cloud, outputsFile as string);
  }

  /** Opens the stores' lines. @returns the cloud before and after that */
  async open(): Promise<[Reading, Reading]> {
    await this.#step(BEFORE_STORES_MINUTES * MINUTE_MS);
    await this.#ask('mint');
    const before = await this.read();
    await this.#ask('connect');
    return [before, await this.read()];
  }

  async watch(): Promise<void> {
    await this.#ask('watch');
  }

  async live(minutes: number, updatesPerMinute: number): Promise<void> {
    const from = this.clock.now();
    let published = 0;
    await this.#ask({ sell: minutes });
    while (this.clock.now() < from + minutes * MINUTE_MS) {
      await this.#step(STEP_MS);
      if (this.clock.now() < from + ((published + 0.2) / updatesPerMinute) * MINUTE_MS) continue;
      published += 1;
      await this.#publish();
    }
  }

  /** Lives as the machine's clock goes, until it is told to end. */
  async liveInRealTime(hasEnded: () => boolean): Promise<void> {
    while (!hasEnded()) {
      await this.#ask({ stepTo: this.clock.now() });
      await new Promise(resolve => setTimeout(resolve, TICK_MS));
    }
    this.#now = this.clock.now();
  }

  /** From now on stores sell for so many minutes. */
  async sell(minutes: number): Promise<void> {
    await this.#ask({ sell: minutes });
  }

  async lived(): Promise<Lived> {
    return (await this.#ask('lived')) as Lived;
  }

  async read(): Promise<Reading> {
    return (await this.#cloud.ask('reading' satisfies CloudQuestion)) as Reading;
  }

  async check(): Promise<void> {
    const { failed, heard } = await this.lived();
    const { name } = this.#variant;
    if (failed > 0) throw new Error(`${name}: ${failed} sales, requests or lines failed`);
    // The last one may be on its way.
    if (heard < this.#numbers.stores * (this.#published - 1))
      throw new Error(`${name}: ${this.#published} updates were heard of ${heard} times`);
  }

  async stop(): Promise<void> {
    await this.#stores.stop();
    await this.#cloud.ask('stop' satisfies CloudQuestion);
    await this.#cloud.stop();
  }

  async #step(ms: number): Promise<void> {
    const stepTo = this.#now + ms;
    this.clock.advance(Math.max(0, stepTo - this.clock.now()));
    // On a machine that is slower than its own time the clocks go on without steps.
    this.#now = this.clock.now();
    await this.#cloud.ask({ stepTo } satisfies CloudQuestion);
    await this.#ask({ stepTo });
  }

  #ask(question: StoresQuestion): Promise<unknown> {
    return this.#stores.ask(question);
  }

  /** Puts a price for every store on the bus, as a system of the chain's would. */
  async #publish(): Promise<void> {
    this.#published += 1;
    const prices = [{ sku: '4006381333931', amount: 100 + this.#published, currency: 'EUR' }];
    await this.target.putEvent('bench', 'PriceChanged', { prices });
    if (this.#variant.kind !== 'reporting') return;
    // Before the clock goes on: it goes faster than a broadcast.
    const all = this.#numbers.stores * this.#published;
    while ((await this.lived()).heard < all) await new Promise(resolve => setTimeout(resolve, 5));
  }
}
