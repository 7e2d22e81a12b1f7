/** Loads what was sold: two days by the minute, and the latest minutes store by store, which pushed frames then update. */
import type { Clock } from '../../client/time/clock.ts';
import { salesTotalsBy } from '../../domain/protocol/http-api.ts';
import type { TotalBy } from '../../domain/protocol/sales-answers.ts';
import type { Grouping } from '../../domain/sales/sales-sums.ts';
import type { Api } from '../api.ts';
import { startOfYesterday } from '../model/figures.ts';
import type { Model } from '../model/model.ts';
import { minuteAt } from '../model/sales-ledger.ts';
import { Soon } from '../soon.ts';

export interface SalesLoaderOptions {
  api: Api;
  clock: Clock;
  model: Model;
  /** Runs what may fail. */
  attempt: (load: () => Promise<void>) => Promise<void>;
  /** The chain's time in milliseconds. */
  now: () => number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** What is loaded every minute, and how long the page remembers each store's share of a minute. */
const LATELY_MS = 2 * HOUR_MS;
const SOON_MS = 250;
/** A store that was away sends the sales of many minutes at once: past this number, all minutes are loaded in one request. */
const MOST_SINGLE_MINUTES = 5;

export class SalesLoader {
  readonly #options: SalesLoaderOptions;
  readonly #whole: Soon;
  readonly #minutes: Soon;
  /** Minutes of which every store's share was asked for since the line came up. */
  readonly #complete = new Set<string>();
  readonly #wanted = new Set<string>();
  /** Whether two days are to be loaded, or only two hours. */
  #everything = true;

  constructor(options: SalesLoaderOptions) {
    this.#options = options;
    const { attempt, clock } = options;
    this.#whole = new Soon(clock, SOON_MS, () => attempt(() => this.#loadWhole()));
    this.#minutes = new Soon(clock, SOON_MS, () => attempt(() => this.#loadMinutes()));
  }

  /** Loads anew what frames may have missed: everything, or what was sold lately. */
  refresh(everything: boolean): void {
    this.#everything ||= everything;
    this.#complete.clear();
    const now = this.#options.now();
    this.complete([now, now - MINUTE_MS].map(minuteText));
    this.#whole.ask();
  }

  /** Stores' totals of these minutes were pushed: the other stores' are needed to add up to the chain's. */
  complete(minutes: readonly string[]): void {
    for (const minute of minutes) if (!this.#complete.has(minute)) this.#wanted.add(minute);
    if (this.#wanted.size > 0) this.#minutes.ask();
  }

  stop(): void {
    this.#whole.stop();
    this.#minutes.stop();
  }

  /** Another region is shown: everything is loaded, and answers for the one before are dropped. */
  startAnew(): void {
    this.#wanted.clear();
    this.refresh(true);
  }

  async #loadWhole(): Promise<void> {
    const { model, now } = this.#options;
    const { sales } = model;
    const from = this.#everything ? startOfYesterday(now()) : now() - LATELY_MS;
    const to = now() + MINUTE_MS;
    const [minutes] = await Promise.all([
      this.#totals('minute', from, to),
      model.salesKnownSince === undefined && this.#loadHourBefore(),
    ]);
    if (sales !== model.sales) return;
    model.change(() => {
      model.sales.forget(minuteAt(startOfYesterday(now())), minuteAt(now() - LATELY_MS));
      model.sales.takeMinutes(minutes);
      model.salesLoaded = true;
    });
    this.#everything = false;
  }

  /** Finds the stores that sold something in the last hour; from now on the minute of each last sale is known. */
  async #loadHourBefore(): Promise<void> {
    const { model, now } = this.#options;
    const { sales } = model;
    const to = now();
    const totals = await this.#totals('store', to - HOUR_MS, to);
    if (sales !== model.sales) return;
    for (const { store } of totals) model.soldInTheHourBefore.add(store);
    model.salesKnownSince = to;
  }

  async #loadMinutes(): Promise<void> {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const minute of wanted) this.#complete.add(minute);
    if (wanted.length > MOST_SINGLE_MINUTES) this.refresh(true);
    else await Promise.all(wanted.map(minute => this.#loadMinute(minute)));
  }

  async #loadMinute(minute: string): Promise<void> {
    const { model } = this.#options;
    const { sales } = model;
    const from = Date.parse(minute);
    const totals = await this.#totals('store', from, from + MINUTE_MS);
    model.change(() => sales.takeStoreMinutes(totals.map(total => ({ ...total, minute }))));
  }

  #totals<G extends Grouping>(by: G, from: number, to: number): Promise<TotalBy<G>[]> {
    const { region } = this.#options.model;
    const query = { by, region, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    return this.#options.api.list(salesTotalsBy(by), ({ items }) => items, { query });
  }
}

/** As the HTTP API and the frames write it. */
function minuteText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
