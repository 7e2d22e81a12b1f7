/** What prices and offers of the book have in common: when they hold in this store, and which was published later. */
import { type Period, periodIn } from '../../domain/retail/validity.ts';
import type { UpdateValidity } from '../../domain/updates/update.ts';

export interface Published {
  publishedAt: string;
  updateId: string;
}

/** The contract's order of what was published: `publishedAt`, then id. */
export function isLater(event: Published, other: Published): boolean {
  const difference = Date.parse(event.publishedAt) - Date.parse(other.publishedAt);
  return difference === 0 ? event.updateId > other.updateId : difference > 0;
}

/** When entries hold on the clock of a store; remembered for each, since a time zone takes long to ask. */
export class StorePeriods {
  #timeZone = 'UTC';
  #known = new WeakMap<UpdateValidity, Period>();

  get timeZone(): string {
    return this.#timeZone;
  }

  /** IANA; one that this runtime knows. */
  set timeZone(timeZone: string) {
    if (timeZone !== this.#timeZone) this.#known = new WeakMap();
    this.#timeZone = timeZone;
  }

  of(entry: UpdateValidity): Period {
    const known = this.#known.get(entry);
    if (known !== undefined) return known;
    const period = periodIn(this.#timeZone, entry);
    this.#known.set(entry, period);
    return period;
  }

  holds(entry: UpdateValidity, at: number): boolean {
    const { from, until } = this.of(entry);
    return from <= at && at < until;
  }
}
