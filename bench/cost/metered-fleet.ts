/** One variant of a fleet on a cloud of its own, for some minutes of a fast clock. */
import { loadTarget } from '../../cli/target.ts';
import { type Part, startPart } from '../processes.ts';
import { type ClockStart, FastClock } from './fast-clock.ts';
import type { Reading } from './metered-cloud.ts';
import { type MeteredMonth, monthBetween, withEvery } from './metered-month.ts';
import type { FleetNumbers, Lived, StoresStart } from './reference-fleet.ts';

export interface Variant {
  name: string;
  assembly: string;
  stores: 'reporting' | 'polling';
  /** Somebody watches all the time. */
  isWatched?: boolean;
  /** Stores that poll send the sales of a minute in one request. */
  gathers?: boolean;
  updatesPerMinute: number;
  minutes: number;
  /** Of a thousand stores: milliseconds of the fast clock in one of the machine's. Fewer stores live faster. */
  speed: number;
}

/** In its first minute a till waits for nothing: at rest none sells before that is over. */
const EAGER_MINUTES = 1;
/** Then each has its first report at rest. Others are at once what they are. */
const REST_AFTER_MINUTES = 1;
const SETTLED_AFTER_MINUTES = 0.5;
/** Faster, and what waits for a second on the fast clock is over before a Lambda has answered. */
const FASTEST = 10;
/** A client's connection gives way to a new one so often. */
const ROTATION_MINUTES = 110;

/** @throws Error if something was lost: a fleet that gave up would look cheap */
export async function meter(variant: Variant, fleet: FleetNumbers): Promise<MeteredMonth> {
  const { assembly, gathers = false, isWatched = false, minutes } = variant;
  const speed = Math.min(FASTEST, (variant.speed * 1_000) / fleet.stores);
  const clock: ClockStart = { startedAt: Date.now(), speed };
  const cloud = startPart(new URL('metered-cloud.ts', import.meta.url), {
    args: [assembly, JSON.stringify(clock)],
  });
  const outputsFile = (await cloud.ask('outputs file')) as string;
  const start: StoresStart = { ...fleet, outputsFile, clock, gathers };
  const stores = startPart(new URL(`${variant.stores}-stores.ts`, import.meta.url), {
    args: [JSON.stringify(start)],
  });
  try {
    const t0 = performance.now();
    await stores.ask('mint');
    const unopened = await read(cloud);
    await stores.ask('connect');
    const opened = await read(cloud);
    console.error(variant.name, 'opened', (performance.now() - t0) / 1000);
    if (isWatched) await stores.ask('watch');
    const own = new FastClock(clock);
    const publisher = new Publisher(outputsFile, own, variant.updatesPerMinute);
    const isAtRest = variant.stores === 'reporting' && !isWatched;
    if (isAtRest) await own.until(own.now() + EAGER_MINUTES * 60_000);
    await live(stores, publisher, isAtRest ? REST_AFTER_MINUTES : SETTLED_AFTER_MINUTES);
    const before = await read(cloud);
    const lived = await live(stores, publisher, minutes);
    const after = await read(cloud);
    console.error(variant.name, 'done', (performance.now() - t0) / 1000, JSON.stringify(lived));
    if (lived.failed > 0) throw new Error(`${variant.name}: ${lived.failed} sales, requests or lines failed`);
    if (lived.heard < fleet.stores * (publisher.published - variant.updatesPerMinute - 1))
      throw new Error(`${variant.name}: ${publisher.published} updates reached ${lived.heard} stores in all`);
    return withEvery(monthBetween(before, after), ROTATION_MINUTES, unopened, opened);
  } finally {
    await stores.stop();
    await cloud.ask('stop');
    await cloud.stop();
  }
}

async function read(cloud: Part): Promise<Reading> {
  return (await cloud.ask('reading')) as Reading;
}

async function live(stores: Part, publisher: Publisher, minutes: number): Promise<Lived> {
  const [lived] = await Promise.all([stores.ask({ live: minutes }), publisher.publish(minutes)]);
  return lived as Lived;
}

/** Puts prices for every store on the bus, as a system of the chain's would. */
class Publisher {
  published = 0;
  readonly #target;
  readonly #clock: FastClock;
  readonly #perMinute: number;

  constructor(outputsFile: string, clock: FastClock, perMinute: number) {
    this.#target = loadTarget(outputsFile);
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  async publish(minutes: number): Promise<void> {
    const from = this.#clock.now();
    for (let count = 0; count < minutes * this.#perMinute; count += 1) {
      await this.#clock.until(from + ((count + 0.2) / this.#perMinute) * 60_000);
      this.published += 1;
      const prices = [{ sku: '4006381333931', amount: 100 + this.published, currency: 'EUR' }];
      await this.#target.putEvent('bench', 'PriceChanged', { prices });
    }
  }
}
