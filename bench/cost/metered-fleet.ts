/** One variant of a fleet on a cloud of its own, for some minutes of their clock. */
import { loadTarget, type Target } from '../../cli/target.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { type Part, startPart } from '../processes.ts';
import type { CloudQuestion, Reading } from './metered-cloud.ts';
import { type MeteredMonth, monthBetween, withEvery } from './metered-month.ts';
import { type FleetNumbers, type Lived, MINUTE_MS } from './reference-fleet.ts';
import type { StoresQuestion, StoresStart } from './stepped-stores.ts';

export interface Variant {
  name: string;
  assembly: string;
  kind: StoresStart['kind'];
  /** Somebody watches all the time. */
  isWatched?: boolean;
  updatesPerMinute: number;
  minutes: number;
}

/** Less than what stores that are watched gather for. */
const STEP_MS = 400;
/** The first roll-up of a system's life, which looks back over two days, is no part of a month. */
const BEFORE_STORES_MINUTES = 6;
/** In its first minute a till waits for nothing; then each has its first report at rest. */
const EAGER_MINUTES = 1;
const WARM_UP_MINUTES = 1;
/** A client's connection gives way to a new one so often. */
const ROTATION_MINUTES = 110;

/** @throws Error if something was lost: a fleet that gave up would look cheap */
export async function meter(variant: Variant, numbers: FleetNumbers): Promise<MeteredMonth> {
  const { isWatched = false, kind, minutes, name, updatesPerMinute } = variant;
  const system = await SteppedSystem.start(variant, numbers);
  try {
    const [unopened, opened] = await system.open();
    if (kind === 'reporting') await system.live(EAGER_MINUTES, 0);
    if (isWatched) await system.watch();
    await system.live(WARM_UP_MINUTES, updatesPerMinute);
    const before = await system.read();
    await system.live(minutes, updatesPerMinute);
    const after = await system.read();
    await system.check();
    if (after.faults > before.faults)
      console.error(`${name}: ${after.faults - before.faults} faults of a machine that was too busy`);
    return withEvery(monthBetween(before, after), ROTATION_MINUTES, unopened, opened);
  } finally {
    await system.stop();
  }
}

/** Cloud and stores, whose clocks go on together: the next step comes when the stores are settled. */
class SteppedSystem {
  readonly #variant: Variant;
  readonly #numbers: FleetNumbers;
  readonly #cloud: Part;
  readonly #stores: Part;
  readonly #target: Target;
  #published = 0;
  /** What the clocks of both show: the machine's, until a step moves them on. */
  readonly #clock = createClock();
  #now = this.#clock.now();

  private constructor(variant: Variant, numbers: FleetNumbers, cloud: Part, outputsFile: string) {
    this.#variant = variant;
    this.#numbers = numbers;
    this.#cloud = cloud;
    this.#target = loadTarget(outputsFile);
    const start: StoresStart = { ...numbers, outputsFile, kind: variant.kind };
    this.#stores = startPart(new URL('stepped-stores.ts', import.meta.url), {
      args: [JSON.stringify(start)],
    });
  }

  static async start(variant: Variant, numbers: FleetNumbers): Promise<SteppedSystem> {
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
    const from = this.#clock.now();
    let published = 0;
    await this.#ask({ sell: minutes });
    while (this.#clock.now() < from + minutes * MINUTE_MS) {
      await this.#step(STEP_MS);
      if (this.#clock.now() < from + ((published + 0.2) / updatesPerMinute) * MINUTE_MS) continue;
      published += 1;
      await this.#publish();
    }
  }

  async read(): Promise<Reading> {
    return (await this.#cloud.ask('reading' satisfies CloudQuestion)) as Reading;
  }

  async check(): Promise<void> {
    const { failed, heard } = (await this.#ask('lived')) as Lived;
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
    this.#clock.advance(Math.max(0, stepTo - this.#clock.now()));
    // On a machine that is slower than its own time the clocks go on without steps.
    this.#now = this.#clock.now();
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
    await this.#target.putEvent('bench', 'PriceChanged', { prices });
    if (this.#variant.kind !== 'reporting') return;
    // Before the clock goes on: it goes faster than a broadcast.
    const all = this.#numbers.stores * this.#published;
    while (((await this.#ask('lived')) as Lived).heard < all)
      await new Promise(resolve => setTimeout(resolve, 5));
  }
}
