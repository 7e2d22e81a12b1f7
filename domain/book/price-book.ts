/**
 * What applies now: the prices and offers that follow from the updates a store has taken. Pure, and indifferent to
 * order: updates in any order, with any repeats, make the same book, for it keeps every update that may still
 * matter and decides when asked.
 */
import { type BasketLine, type Quote, quote } from '../basket.ts';
import { localTimesOf, type Period } from '../retail/validity.ts';
import { type KnownUpdate, readUpdate } from '../updates/read-update.ts';
import type { UpdateFrame } from '../updates/update.ts';
import { bookHash } from './book-hash.ts';
import { BookOffers, type Offer, type OfferChange, type OfferEntry, offerEntry } from './book-offers.ts';
import {
  type Article,
  BookPrices,
  type ListedPrice,
  type Price,
  type PriceChange,
  type PricesChanges,
  type PricesSnapshot,
} from './book-prices.ts';
import { StorePeriods } from './published.ts';
import type { Changed } from './tracked-map.ts';

/** The book as JSON. */
export interface PriceBookSnapshot extends PricesSnapshot {
  offers: OfferEntry[];
}

/** What has changed in a book, as JSON; `withChanges` puts it into a snapshot. */
export interface BookChanges extends PricesChanges {
  offers: Changed<OfferEntry>;
}

/** Who buys, and when. */
export interface BasketOptions {
  /** Milliseconds since the epoch. */
  at?: number | undefined;
  /** Whether the customer is a member: for the member price, where that is lower, and offers for members. @default false */
  member?: boolean | undefined;
  /** The codes that the customer brings. */
  coupons?: readonly string[] | undefined;
  /** Where the book may hold prices in several. */
  currency?: string | undefined;
}

/** What time alone has changed. */
export type BookChange = PriceChange | OfferChange;

/**
 * @example
 * const book = new PriceBook();
 * book.timeZone = 'Europe/Berlin';
 * book.apply(update);
 * book.price('4006381333931', Date.now())?.amount; // 199
 */
export class PriceBook {
  readonly #periods: StorePeriods;
  #prices: BookPrices;
  #offers: BookOffers;

  constructor(
    snapshot: PriceBookSnapshot = { prices: [], offers: [] },
    periods: StorePeriods = new StorePeriods(),
  ) {
    this.#periods = periods;
    this.#prices = new BookPrices(periods, snapshot);
    this.#offers = new BookOffers(periods, snapshot.offers);
  }

  /** The store's: local times are of it. @default 'UTC' */
  get timeZone(): string {
    return this.#periods.timeZone;
  }

  /** @param timeZone IANA; one that this runtime knows */
  set timeZone(timeZone: string) {
    this.#periods.timeZone = timeZone;
  }

  /**
   * Takes an update; again or late is harmless.
   *
   * @throws InvalidUpdateError if its data is not what its kind must carry
   */
  apply(update: Omit<UpdateFrame, 'type' | 'positions'> & Partial<Pick<UpdateFrame, 'positions'>>): void {
    this.take(readUpdate(update), Object.keys(update.positions ?? {}));
  }

  /** Takes an update that `readUpdate` has read. @param channels that it was published to */
  take(update: KnownUpdate, channels: string[]): void {
    if (update.kind === 'message.published') return;
    if (update.kind === 'price.withdrawn') {
      this.#withdraw(update, channels);
      return;
    }
    if (update.kind !== 'price.changed') {
      this.#offers.add(offerEntry(update, channels));
      return;
    }
    const { id: updateId, publishedAt, validFrom, validUntil } = update;
    const common = { updateId, publishedAt, validFrom, validUntil, ...localTimesOf(update), channels };
    for (const price of update.data.prices) this.#prices.add({ ...price, ...common });
  }

  #withdraw({ data, publishedAt }: KnownUpdate & { kind: 'price.withdrawn' }, channels: string[]): void {
    const common = { withdrawnAt: publishedAt, channels, ...(data.skus && { skus: data.skus }) };
    this.#prices.withdraw(data.updates.map(updateId => ({ updateId, ...common })));
    for (const { prices, ...common } of data.restored)
      for (const price of prices) this.#prices.add({ ...price, ...common });
  }

  /**
   * What anybody pays for an article: the promotional price in force, else the regular one; undefined if there is none.
   * Where it has prices in several currencies and none is asked for, the one that took effect last.
   *
   * @param at milliseconds since the epoch
   */
  price(article: Article, at: number): Price | undefined {
    return this.#prices.public(article, at);
  }

  /** All prices of an article that are in force, one for each currency and price type. @param at milliseconds since the epoch */
  prices(article: Article, at: number): ListedPrice[] {
    return this.#prices.listed(article, at);
  }

  /** What a member pays: the lower of the member price in force and what anybody pays. */
  memberPrice(article: Article, at: number): Price | undefined {
    const open = this.price(article, at);
    const own = this.#prices.latest(
      this.#prices
        .inForce(article, at)
        .filter(({ currency }) => open === undefined || currency === open.currency),
      'member',
    );
    return own === undefined || (open !== undefined && open.amount < own.amount) ? open : own;
  }

  /** The SKUs that have, had or will have a price. */
  skus(): string[] {
    return this.#prices.skus();
  }

  /** The offers that are active at a moment, whatever their hours of the day. @param at milliseconds since the epoch */
  offers(at: number): Offer[] {
    return this.#offers.active(at);
  }

  /**
   * What a basket costs: its lines as a sale has them, each with its discounts.
   *
   * @throws QuoteError if a SKU has no price, the prices are of several currencies, a quantity is not above 0 or not of its price's
   * unit, or the basket is too large to be added up
   */
  quote<L extends BasketLine>(lines: readonly L[], options: BasketOptions & { at: number }): Quote<L> {
    const { at, member, coupons, currency } = options;
    const price = (sku: string) => {
      const article = { sku, currency };
      return member === true ? this.memberPrice(article, at) : this.price(article, at);
    };
    return quote(lines, { at, timeZone: this.timeZone, member, coupons, price, offers: this.offers(at) });
  }

  /**
   * Tells this book from others: of two that will give the same answers from `at` on it is the same, whatever they keep
   * besides, and in whatever order it came. docs/protocol.md has the recipe.
   *
   * @param at milliseconds since the epoch
   * @returns 16 hexadecimal digits
   */
  hash(at: number): string {
    const { offers, prices } = this.lasting(at);
    return bookHash(prices, offers);
  }

  /** What is in force at some moment from `at` on. */
  lasting(at: number): { prices: Price[]; offers: Offer[] } {
    return { prices: this.#prices.lasting(at), offers: this.#offers.lasting(at) };
  }

  /** When an update holds in this store. */
  periodOf(update: KnownUpdate): Period {
    if (update.kind === 'offer.withdrawn' || update.kind === 'price.withdrawn') {
      return { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
    }
    return this.#periods.of(update);
  }

  /** When time alone will next change the answer for a price or an offer; undefined if it never will. */
  nextChange(at: number): number | undefined {
    const next = Math.min(this.#prices.nextChange(at), this.#offers.nextChange(at));
    return Number.isFinite(next) ? next : undefined;
  }

  /** What changed by time alone after `from`, up to and including `to`. */
  changes(from: number, to: number): BookChange[] {
    return [...this.#prices.changes(from, to), ...this.#offers.changes(from, to)];
  }

  /** Forgets what can't change an answer for `before` or later. */
  prune(before: number): void {
    this.#prices.prune(before);
    this.#offers.prune(before);
  }

  clear(): void {
    this.restore({ prices: [], offers: [] });
  }

  /** A book of its own with what these channels have brought; of the same store. */
  ofChannels(channels: readonly string[]): PriceBook {
    const isBrought = (entry: { channels: string[] }) => entry.channels.some(name => channels.includes(name));
    const { offers, prices, ...rest } = this.snapshot();
    const brought = { prices: prices.filter(isBrought), offers: offers.filter(isBrought) };
    return new PriceBook({ ...rest, ...brought }, this.#periods);
  }

  /** Takes the place of everything in it, in one step; the other book, made by `ofChannels`, is not to be used any more. */
  become(other: PriceBook): void {
    this.#prices = other.#prices;
    this.#offers = other.#offers;
  }

  /**
   * What has changed since this was asked last; undefined where that is everything: the first time, and after another book took
   * the place of this one.
   */
  takeChanges(): BookChanges | undefined {
    const [prices, offers] = [this.#prices.takeChanges(), this.#offers.takeChanges()];
    return prices && offers && { ...prices, offers };
  }

  snapshot(): PriceBookSnapshot {
    return { ...this.#prices.snapshot(), offers: this.#offers.all() };
  }

  restore({ offers, ...prices }: PriceBookSnapshot): void {
    this.#prices = new BookPrices(this.#periods, prices);
    this.#offers = new BookOffers(this.#periods, offers);
  }
}
