/** Asks what articles are called that are shown: by the prices that are in force in a store, once for each article. */
import type { Clock } from '../../client/time/clock.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import type { Api } from '../api.ts';
import type { Model } from '../model/model.ts';
import { Soon } from '../soon.ts';

export interface NamesLoaderOptions {
  api: Api;
  clock: Clock;
  model: Model;
}

const SOON_MS = 250;
/** As many as the chain answers at once. */
const MOST_AT_ONCE = 100;

export class NamesLoader {
  readonly #options: NamesLoaderOptions;
  readonly #soon: Soon;
  readonly #asked = new Set<string>();
  readonly #wanted = new Set<string>();

  constructor(options: NamesLoaderOptions) {
    this.#options = options;
    this.#soon = new Soon(options.clock, SOON_MS, () => this.#load());
  }

  /** These are shown. */
  ask(skus: readonly string[]): void {
    const { names } = this.#options.model;
    for (const sku of skus) if (!this.#asked.has(sku) && names.of(sku) === undefined) this.#wanted.add(sku);
    if (this.#wanted.size > 0) this.#soon.ask();
  }

  stop(): void {
    this.#soon.stop();
  }

  async #load(): Promise<void> {
    const { api, model } = this.#options;
    const store = model.shownStores.find(({ connected }) => connected) ?? model.shownStores[0];
    if (store === undefined) {
      // The list of stores may come later than what was sold.
      if (!model.storesLoaded) this.#soon.ask();
      return;
    }
    const skus = [...this.#wanted].slice(0, MOST_AT_ONCE);
    for (const sku of skus) {
      this.#wanted.delete(sku);
      this.#asked.add(sku);
    }
    try {
      const call = { parameters: { id: store.storeId }, query: { sku: skus.join(',') } };
      const prices = await api.list(operations.storePrices, ({ items }) => items, call);
      model.change(() => {
        for (const price of prices) model.names.take([price], price.since);
      });
    } catch {
      // An article is as well told by its id, and what is wrong with the chain is told by what must be known.
    }
    if (this.#wanted.size > 0) this.#soon.ask();
  }
}
