/** Loads who refuses what, who keeps silent, whose book is another one, who charged other prices than it lists, and what goes out in waves or waits. */
import type { Clock } from '../../client/time/clock.ts';
import { operations, salesAuditBy } from '../../domain/protocol/http-api.ts';
import { isOver } from '../../domain/retail/validity.ts';
import type { Api } from '../api.ts';
import { startOfDay } from '../model/figures.ts';
import type { Model, Part, UpdateEntry } from '../model/model.ts';
import { SILENT_AFTER_MS, type Untaken } from '../model/watched/store-needs.ts';
import { Soon } from '../soon.ts';

export interface TroubleLoaderOptions {
  api: Api;
  clock: Clock;
  model: Model;
  /** Runs what may fail. */
  attempt: (load: () => Promise<void>) => Promise<void>;
  /** The chain's time in milliseconds. */
  now: () => number;
}

/** A list of deliveries has a line for each store: it is not asked for with every receipt. */
const SOON_MS = 3_000;
/** The first is part of what is seen when the page opens. */
const FIRST_MS = 500;
const MINUTE_MS = 60_000;
/** A busy broadcast enters it after seconds. */
const MOST_LOOKS = 5;

export class TroubleLoader {
  readonly #options: TroubleLoaderOptions;
  readonly #untaken: Soon;
  readonly #books: Soon;
  readonly #staged: Soon;
  /** What was known of each update, and the counts that it was asked for at. */
  readonly #known = new Map<string, { counts: string; untaken: Untaken }>();
  /** What was just published here and is not in a list yet, and how often it is still looked for. */
  readonly #awaited = new Map<string, number>();

  constructor(options: TroubleLoaderOptions) {
    this.#options = options;
    const { attempt, clock, model } = options;
    const soon = (part: Part, load: () => Promise<void>) => {
      const task = async () => {
        await attempt(load);
        model.settle(part);
      };
      return new Soon(clock, SOON_MS, task, FIRST_MS);
    };
    this.#untaken = soon('deliveries', () => this.#loadUntaken());
    this.#books = soon('books', () => this.#loadBooks());
    this.#staged = soon('staged', () => this.#loadStaged());
  }

  /** Some store answered, or didn't for a while. */
  askDeliveries(): void {
    this.#untaken.ask();
  }

  askBooks(): void {
    this.#books.ask();
  }

  /** While a rollout runs, far more often than the day's audit, which has a line for each store. */
  askStaged(): void {
    this.#staged.ask();
  }

  expectStaged(updateId: string): void {
    this.#awaited.set(updateId, MOST_LOOKS);
    this.#staged.ask();
  }

  stop(): void {
    for (const task of [this.#untaken, this.#books, this.#staged]) task.stop();
  }

  async #loadUntaken(): Promise<void> {
    const { model, now } = this.#options;
    const troubled = model.updates.filter(entry => isTroubled(entry, now()));
    const untaken = await Promise.all(troubled.map(entry => this.#load(entry)));
    model.change(() => {
      model.untaken = untaken;
    });
  }

  async #load({ update, delivery }: UpdateEntry): Promise<Untaken> {
    const { updateId, publishedAt } = update;
    const counts = JSON.stringify(delivery);
    const known = this.#known.get(updateId);
    if (known?.counts === counts) return known.untaken;
    const parameters = { id: updateId };
    const all = await this.#options.api.list(operations.getDelivery, page => page.stores, { parameters });
    const stores = all.filter(({ state }) => state === 'rejected' || state === 'pending');
    const untaken = { updateId, publishedAt, stores };
    this.#known.set(updateId, { counts, untaken });
    return untaken;
  }

  async #loadBooks(): Promise<void> {
    const { api, model, now } = this.#options;
    const at = (ms: number) => new Date(ms).toISOString();
    const query = { by: 'store', from: at(startOfDay(now())), to: at(now() + MINUTE_MS) };
    const [drift, audit] = await Promise.all([
      api.list(operations.listDrift, ({ items }) => items),
      api.list(salesAuditBy('store'), ({ items }) => items, { query }),
    ]);
    model.change(() => {
      model.drift = drift;
      model.audit = audit;
    });
  }

  async #loadStaged(): Promise<void> {
    const { api, model } = this.#options;
    const [rollouts, waiting] = await Promise.all([
      api.list(operations.listRollouts, ({ items }) => items),
      api.list(operations.listUpdates, ({ items }) => items, { query: { state: 'waiting' } }),
    ]);
    model.change(() => {
      model.rollouts = rollouts;
      model.waiting = waiting;
    });
    this.#lookForAwaited();
  }

  #lookForAwaited(): void {
    const { rollouts, waiting } = this.#options.model;
    const there = new Set([
      ...rollouts.map(({ rolloutId }) => rolloutId),
      ...waiting.map(({ updateId }) => updateId),
    ]);
    for (const [id, looks] of this.#awaited) {
      if (there.has(id) || looks === 0) this.#awaited.delete(id);
      else this.#awaited.set(id, looks - 1);
    }
    if (this.#awaited.size > 0) this.#staged.ask();
  }
}

/** It is in force, and somebody refuses it, or should have answered by now. */
function isTroubled({ update, delivery }: UpdateEntry, now: number): boolean {
  if (delivery === undefined || isOver(update, now)) return false;
  const isLate = now - Date.parse(update.publishedAt) > SILENT_AFTER_MS;
  return delivery.rejected > 0 || (delivery.pending > 0 && isLate);
}
