/** Stores that ask for prices and post their sales by requests, one by one or a minute's at once. */
import type { Clock } from '../../local/cloud-clock.ts';
import { PollingStore } from '../reference/polling-store.ts';
import {
  type FleetNumbers,
  type Lived,
  MINUTE_MS,
  ordinarySale,
  Plan,
  type SteppedStores,
} from './reference-fleet.ts';

export interface PollingFleetOptions extends FleetNumbers {
  url: string;
  clock: Clock;
  random: () => number;
  /** Sends the sales of a minute in one request. */
  gathers: boolean;
}

const POLLS_PER_MINUTE = 2;

export class PollingFleet implements SteppedStores {
  readonly #options: PollingFleetOptions;
  readonly #stores: PollingStore[];
  readonly #plan = new Plan();
  readonly #underWay = new Set<Promise<void>>();
  readonly #lived: Lived = { sold: 0, heard: 0, failed: 0 };

  constructor(options: PollingFleetOptions) {
    this.#options = options;
    this.#stores = Array.from(
      { length: options.stores },
      (_, index) =>
        new PollingStore({
          storeId: String(index + 1).padStart(4, '0'),
          url: options.url,
          keepsConnection: true,
          onUpdate: () => {
            this.#lived.heard += 1;
          },
        }),
    );
  }

  async connect(): Promise<void> {}

  sell(minutes: number): void {
    const { clock, gathers, random, salesPerMinute } = this.#options;
    const from = clock.now();
    const deeds = this.#stores.flatMap(store => {
      const times = Array.from(
        { length: Math.round(salesPerMinute * minutes) },
        () => random() * minutes * MINUTE_MS,
      );
      // As stores on the line sell: a minute has some more sales, another some less.
      const requests = gathers
        ? [...Map.groupBy(times, time => Math.floor(time / MINUTE_MS)).values()]
        : times.map(time => [time]);
      const sales = requests.map(gathered => ({
        at: from + Math.max(...gathered),
        act: () => this.#ask(() => this.#sell(store, gathered.length)),
      }));
      const first = random();
      const polls = Array.from({ length: Math.round(POLLS_PER_MINUTE * minutes) }, (_, index) => ({
        at: from + ((first + index) / POLLS_PER_MINUTE) * MINUTE_MS,
        act: () => this.#ask(() => store.poll()),
      }));
      return [...sales, ...polls];
    });
    this.#plan.add(deeds);
  }

  async step(): Promise<void> {
    this.#plan.run(this.#options.clock.now());
    await Promise.all(this.#underWay);
  }

  lived(): Lived {
    return { ...this.#lived };
  }

  #sell(store: PollingStore, count: number): Promise<void> {
    const { clock, linesPerSale } = this.#options;
    this.#lived.sold += count;
    return store.sell(Array.from({ length: count }, () => ordinarySale(linesPerSale, clock.now())));
  }

  #ask(act: () => Promise<void>): void {
    const asked = act().catch(error => {
      this.#lived.failed += 1;
      if (this.#lived.failed === 1) console.error(error);
    });
    this.#underWay.add(asked);
    void asked.then(() => this.#underWay.delete(asked));
  }
}
