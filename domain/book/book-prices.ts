/**
 * The prices of the book. Of a SKU one price is in force for each currency and price type; every published one that may still
 * matter is kept, and which wins is decided when asked.
 */
import { gtin14 } from '../retail/gtin.ts';
import { priceKey, type RetailPrice } from '../retail/price.ts';
import { effectiveTime } from '../retail/validity.ts';
import type { UpdateValidity } from '../updates/update.ts';
import { keyOf, PaidPrices, type PaidSnapshot } from './paid-prices.ts';
import { inForceAt, type PaidAmount } from './price-steps.ts';
import { isLater, type Published, type StorePeriods } from './published.ts';
import { type Changed, TrackedMap } from './tracked-map.ts';
import { type WithdrawnUpdate, WithdrawnUpdates } from './withdrawn-updates.ts';

/** What one update says about the price of a SKU. */
export interface Price extends RetailPrice, UpdateValidity, Published {
  /** The channels that the update was published to. */
  channels: string[];
}

/** A SKU, or an article by its GTIN of any length; `currency` where the book may hold several. */
export type Article = string | (({ sku: string } | { gtin: string }) & { currency?: string | undefined });

/** The prices of a book as JSON. */
export interface PricesSnapshot {
  prices: Price[];
  /** Updates whose prices are withdrawn. @default none */
  withdrawn?: WithdrawnUpdate[] | undefined;
  /** What was paid before. @default nothing that is known */
  paid?: PaidSnapshot | undefined;
}

/** What has changed in them: all prices of a SKU, an update that is withdrawn, what was paid by SKU and currency. */
export interface PricesChanges {
  prices: Changed<Price>;
  withdrawn: Changed<WithdrawnUpdate>;
  paid: Changed<PaidAmount>;
}

/** A price in force, beside what was asked before. */
export interface ListedPrice extends Price {
  /**
   * The lowest that anybody paid in its currency in the 30 days before what anybody pays now took effect, in minor units, as far
   * as this till was told: what EU law wants beside a reduced price. Where there was none, what anybody pays now.
   */
  lowest30Days: number;
}

export type PriceChange = { type: 'price.effective' | 'price.ended'; price: Price };

export class BookPrices {
  readonly #periods: StorePeriods;
  /** What changes of a SKU's prices is set anew, so that it is noted. */
  readonly #bySku: TrackedMap<Map<string, Price>>;
  /** The SKUs for which a price has named a GTIN, by its 14 digits. */
  readonly #skusByGtin = new Map<string, Set<string>>();

  readonly #withdrawn: WithdrawnUpdates;
  readonly #paid: PaidPrices;

  constructor(periods: StorePeriods, { paid, prices, withdrawn = [] }: PricesSnapshot) {
    this.#periods = periods;
    this.#withdrawn = new WithdrawnUpdates(withdrawn);
    this.#paid = new PaidPrices(paid);
    this.#bySku = new TrackedMap();
    for (const price of prices) this.#enter(price);
  }

  /** Takes a price; again or late is harmless. */
  add(price: Price): void {
    if (this.#withdrawn.has(price)) return;
    this.#paid.drop([price.updateId], [keyOf(price.sku, price.currency)]);
    this.#enter(price);
  }

  #enter(price: Price): void {
    const candidates = this.#bySku.get(price.sku) ?? new Map<string, Price>();
    const key = `${price.updateId} ${priceKey(price)}`;
    // A withdrawal brings it back in some of its channels; in the others it has been all along.
    const channels = new Set([...(candidates.get(key)?.channels ?? []), ...price.channels]);
    candidates.set(key, { ...price, channels: [...channels] });
    this.#bySku.set(price.sku, candidates);
    const gtin = price.gtin === undefined ? undefined : gtin14(price.gtin);
    if (gtin === undefined) return;
    this.#skusByGtin.set(gtin, (this.#skusByGtin.get(gtin) ?? new Set()).add(price.sku));
  }

  /** Takes the prices of these updates out, for good. */
  withdraw(entries: readonly WithdrawnUpdate[]): void {
    for (const entry of entries) {
      this.#withdrawn.add(entry);
      this.#paid.drop([entry.updateId], entry.skus && this.#paid.keysOf(entry.skus));
    }
    for (const [sku, candidates] of this.#bySku)
      this.#drop(sku, new Set([...candidates.values()].filter(price => this.#withdrawn.has(price))));
  }

  #drop(sku: string, gone: ReadonlySet<Price>): void {
    const candidates = this.#bySku.get(sku);
    if (candidates === undefined || gone.size === 0) return;
    for (const [id, price] of candidates) if (gone.has(price)) candidates.delete(id);
    if (candidates.size === 0) this.#bySku.delete(sku);
    else this.#bySku.set(sku, candidates);
  }

  skus(): string[] {
    return [...this.#bySku.keys()];
  }

  snapshot(): PricesSnapshot {
    const prices = [...this.#bySku.values()].flatMap(candidates => [...candidates.values()]);
    const [withdrawn, paid] = [this.#withdrawn.all(), this.#paid.snapshot()];
    return {
      prices,
      ...(withdrawn.length > 0 ? { withdrawn } : {}),
      ...(paid === undefined ? {} : { paid }),
    };
  }

  /** What has changed since this was asked last; undefined the first time: everything. */
  takeChanges(): PricesChanges | undefined {
    const prices = this.#bySku.takeChanges(candidates => candidates.values());
    const [withdrawn, paid] = [this.#withdrawn.takeChanges(), this.#paid.takeChanges()];
    return prices && withdrawn && paid && { prices, withdrawn, paid };
  }

  /** What is in force for an article: one price for each currency and price type. */
  inForce(article: Article, at: number): Price[] {
    if (typeof article === 'string') return this.#winners(article, at);
    const prices = 'sku' in article ? this.#winners(article.sku, at) : this.#byGtin(article.gtin, at);
    return prices.filter(({ currency }) => article.currency === undefined || currency === article.currency);
  }

  /** The same with the lowest of before. */
  listed(article: Article, at: number): ListedPrice[] {
    return this.inForce(article, at).map(price => {
      const candidates = [...(this.#bySku.get(price.sku)?.values() ?? [])];
      const steps = inForceAt(
        candidates,
        other => this.#periods.of(other),
        at,
        currency => this.#paid.of(price.sku, currency),
      );
      const own = steps.find(step => step.price === price);
      return { ...price, lowest30Days: own?.lowest30Days ?? price.amount };
    });
  }

  /** What anybody pays: the promotional price, else the regular one. */
  public(article: Article, at: number): Price | undefined {
    const prices = this.inForce(article, at);
    return this.latest(prices, 'promotional') ?? this.latest(prices, 'regular');
  }

  /** The price of a type that wins, where there are several currencies. */
  latest(prices: readonly Price[], type: NonNullable<Price['priceType']>): Price | undefined {
    let winner: Price | undefined;
    for (const price of prices) {
      if ((price.priceType ?? 'regular') !== type) continue;
      if (winner === undefined || this.#outranks(price, winner)) winner = price;
    }
    return winner;
  }

  /** Each price that is in force at some moment from `at` on. */
  lasting(at: number): Price[] {
    return [...this.#bySku].flatMap(([sku, candidates]) => {
      // Most SKUs have one.
      const prices = [...candidates.values()];
      if (prices.length === 1) return prices.filter(price => this.#periods.of(price).until > at);
      const times = prices.flatMap(price => {
        const { from, until } = this.#periods.of(price);
        return [from, until].filter(time => time > at && Number.isFinite(time));
      });
      return [...new Set([at, ...times].flatMap(time => this.#winners(sku, time)))];
    });
  }

  /** When time alone will next change a price; infinite if it never will. */
  nextChange(at: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const price of this.#scheduled()) {
      const { from, until } = this.#periods.of(price);
      if (from > at && from < next && this.#winnerBeside(price, from) === price) next = from;
      if (until > at && until < next && this.#winnerBeside(price, until - 1) === price) next = until;
    }
    return next;
  }

  /** What changed by time alone after `from`, up to and including `to`. */
  changes(from: number, to: number): PriceChange[] {
    const isDue = (time: number): boolean => time > from && time <= to;
    const effective = new Set<Price>();
    const ended: Price[] = [];
    for (const price of this.#scheduled()) {
      const period = this.#periods.of(price);
      const ends = isDue(period.until) && this.#winnerBeside(price, period.until - 1) === price;
      if (ends) ended.push(price);
      // Where one ends, the one that it stood before is in force again.
      const winner = ends || isDue(period.from) ? this.#winnerBeside(price, to) : undefined;
      if (winner !== undefined && (ends || winner === price)) effective.add(winner);
    }
    return [
      ...ended.map(price => ({ type: 'price.ended', price }) as const),
      ...[...effective].map(price => ({ type: 'price.effective', price }) as const),
    ];
  }

  /** Forgets what can't change an answer for `before` or later: what is over, and what wins at no moment. */
  prune(before: number): void {
    this.#paid.prune(before);
    this.#withdrawn.prune(before);
    for (const [sku, candidates] of this.#bySku) {
      const prices = [...candidates.values()];
      // Most SKUs have one without an end, and a till asks each of them whenever it saves.
      if (prices.length === 1 && !prices.some(hasTimes)) continue;
      const past = new Set(prices.filter(price => this.#isPast(price, prices, before)));
      if (past.size === 0) continue;
      this.#paid.note(past, prices, price => this.#periods.of(price), before);
      this.#drop(sku, past);
    }
  }

  #isPast(price: Price, others: readonly Price[], before: number): boolean {
    const { until } = this.#periods.of(price);
    if (until <= before) return true;
    return others.some(
      other =>
        this.#outranks(other, price) &&
        // Its withdrawal brings back what it had replaced in its own channels alone.
        price.channels.every(channel => other.channels.includes(channel)) &&
        this.#periods.holds(other, before) &&
        this.#periods.of(other).until >= until &&
        priceKey(other) === priceKey(price),
    );
  }

  /** A price that names another GTIN now doesn't answer to the old one. */
  #byGtin(gtin: string, at: number): Price[] {
    const wanted = gtin14(gtin);
    if (wanted === undefined) return [];
    return [...(this.#skusByGtin.get(wanted) ?? [])].flatMap(sku => {
      const prices = this.#winners(sku, at);
      return prices.some(price => price.gtin !== undefined && gtin14(price.gtin) === wanted) ? prices : [];
    });
  }

  #winners(sku: string, at: number): Price[] {
    const candidates = this.#bySku.get(sku);
    if (candidates === undefined) return [];
    const winners = new Map<string, Price>();
    for (const price of candidates.values()) {
      if (!this.#periods.holds(price, at)) continue;
      const key = priceKey(price);
      const known = winners.get(key);
      if (known === undefined || this.#outranks(price, known)) winners.set(key, price);
    }
    return [...winners.values()];
  }

  /** What is in force of the SKU, currency and type of a price. */
  #winnerBeside(price: Price, at: number): Price | undefined {
    return this.#winners(price.sku, at).find(other => priceKey(other) === priceKey(price));
  }

  /** The prices that begin or end at a time of their own. */
  *#scheduled(): Generator<Price> {
    for (const candidates of this.#bySku.values()) {
      for (const price of candidates.values()) if (hasTimes(price)) yield price;
    }
  }

  /** The contract's order of prices in force: the latest effective time, then `publishedAt`, then id. */
  #outranks(price: Price, other: Price): boolean {
    const difference = this.#effectiveAt(price) - this.#effectiveAt(other);
    return difference === 0 ? isLater(price, other) : difference > 0;
  }

  #effectiveAt(price: Price): number {
    return effectiveTime(price, this.#periods.of(price).from);
  }
}

/** Most of a book's prices have none, and it is asked of each after every update. */
function hasTimes({ validFrom, validUntil, validFromLocal, validUntilLocal }: UpdateValidity): boolean {
  return (validFrom ?? validFromLocal ?? validUntil ?? validUntilLocal ?? null) !== null;
}
