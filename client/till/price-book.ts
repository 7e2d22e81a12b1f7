/**
 * What applies now: the prices and offers that follow from the updates a store has taken. Pure, and indifferent to
 * order: updates in any order, with any repeats, make the same book, for it keeps every update that may still
 * matter and decides when asked.
 */
import { type KnownUpdate, readUpdate } from '../../domain/updates/read-update.ts';
import { effectiveTime, type UpdateFrame } from '../../domain/updates/update.ts';
import type { OfferTerms, Price as PublishedPrice } from '../../domain/updates/update-content.ts';

/** What one update says about the price of a SKU. */
export interface Price extends PublishedPrice {
  updateId: string;
  publishedAt: string;
  /** Null is at once. */
  validFrom: string | null;
  /** The channels that the update was published to. */
  channels: string[];
}

/** A published offer; it is active from `validFrom` (null is at once) up to, not including, `validUntil`. */
export interface Offer extends OfferTerms {
  updateId: string;
  publishedAt: string;
  validFrom: string | null;
  validUntil: string;
}

/** The latest event of an offer. */
interface OfferEntry {
  offerId: string;
  updateId: string;
  publishedAt: string;
  channels: string[];
  /** Null once it is withdrawn. */
  offer: Offer | null;
  /** The latest `validUntil` of any of its events; null while only a withdrawal is known. */
  lastValidUntil: string | null;
}

/** The book as JSON. */
export interface PriceBookSnapshot {
  prices: Price[];
  offers: OfferEntry[];
}

/** What time alone has changed. */
export type BookChange =
  | { type: 'price.effective'; price: Price }
  | { type: 'offer.started' | 'offer.ended'; offer: Offer };

/**
 * An ended offer or a withdrawal is remembered so long after the offer's last `validUntil`: an older event that is
 * late by less (the chain's log keeps 30 days) can't bring the offer back.
 */
const REMEMBER_MS = 30 * 86_400_000;

/**
 * @example
 * const book = new PriceBook();
 * book.apply(update);
 * book.price('4006381333931', Date.now())?.amount; // 199
 */
export class PriceBook {
  #prices = new Map<string, Map<string, Price>>();
  #offers = new Map<string, OfferEntry>();

  constructor(snapshot: PriceBookSnapshot = { prices: [], offers: [] }) {
    this.restore(snapshot);
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
    if (update.kind === 'price.changed') {
      const { id: updateId, publishedAt, validFrom } = update;
      for (const price of update.data.prices)
        this.#addPrice({ ...price, updateId, publishedAt, validFrom, channels });
    } else {
      this.#addOfferEntry(offerEntry(update, channels));
    }
  }

  /** The price of a SKU at a moment; undefined if none is in force. @param at milliseconds since the epoch */
  price(sku: string, at: number): Price | undefined {
    let winner: Price | undefined;
    for (const price of this.#prices.get(sku)?.values() ?? []) {
      if (isInForce(price, at) && (winner === undefined || outranks(price, winner))) winner = price;
    }
    return winner;
  }

  /** The SKUs that have, had or will have a price. */
  skus(): string[] {
    return [...this.#prices.keys()];
  }

  /** The offers that are active at a moment. @param at milliseconds since the epoch */
  offers(at: number): Offer[] {
    return [...this.#published()].filter(offer => isActive(offer, at));
  }

  /** When time alone will next change the answer for a price or an offer; undefined if it never will. */
  nextChange(at: number): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const price of this.#scheduled()) {
      const start = timeOf(price.validFrom);
      if (start > at && start < next && this.price(price.sku, start) === price) next = start;
    }
    for (const { validFrom, validUntil } of this.#published()) {
      for (const time of [timeOf(validFrom), Date.parse(validUntil)])
        if (time > at && time < next) next = time;
    }
    return Number.isFinite(next) ? next : undefined;
  }

  /** What changed by time alone after `from`, up to and including `to`. */
  changes(from: number, to: number): BookChange[] {
    const isDue = (time: number): boolean => time > from && time <= to;
    const changes: BookChange[] = [];
    for (const price of this.#scheduled()) {
      const takesEffect = isDue(timeOf(price.validFrom)) && this.price(price.sku, to) === price;
      if (takesEffect) changes.push({ type: 'price.effective', price });
    }
    for (const offer of this.#published()) {
      const starts = isDue(timeOf(offer.validFrom)) && isActive(offer, to);
      if (starts) changes.push({ type: 'offer.started', offer });
      if (isDue(Date.parse(offer.validUntil))) changes.push({ type: 'offer.ended', offer });
    }
    return changes;
  }

  /** Forgets what can't change an answer for `before` or later. */
  prune(before: number): void {
    for (const [sku, prices] of this.#prices) {
      const current = this.price(sku, before);
      for (const [id, price] of prices) if (current && outranks(current, price)) prices.delete(id);
    }
    for (const [offerId, { lastValidUntil }] of this.#offers) {
      if (lastValidUntil !== null && Date.parse(lastValidUntil) + REMEMBER_MS <= before) {
        this.#offers.delete(offerId);
      }
    }
  }

  clear(): void {
    this.#prices = new Map();
    this.#offers = new Map();
  }

  /** A book of its own with what these channels have brought. */
  ofChannels(channels: readonly string[]): PriceBook {
    const isBrought = (entry: { channels: string[] }) => entry.channels.some(name => channels.includes(name));
    const { prices, offers } = this.snapshot();
    return new PriceBook({ prices: prices.filter(isBrought), offers: offers.filter(isBrought) });
  }

  /** Takes the place of everything in it, in one step; the other book is not to be used any more. */
  become(other: PriceBook): void {
    this.#prices = other.#prices;
    this.#offers = other.#offers;
  }

  snapshot(): PriceBookSnapshot {
    const prices = [...this.#prices.values()].flatMap(candidates => [...candidates.values()]);
    return { prices, offers: [...this.#offers.values()] };
  }

  restore(snapshot: PriceBookSnapshot): void {
    this.clear();
    for (const price of snapshot.prices) this.#addPrice(price);
    for (const entry of snapshot.offers) this.#offers.set(entry.offerId, entry);
  }

  #addPrice(price: Price): void {
    const candidates = this.#prices.get(price.sku) ?? new Map<string, Price>();
    candidates.set(price.updateId, price);
    this.#prices.set(price.sku, candidates);
  }

  #addOfferEntry(entry: OfferEntry): void {
    const known = this.#offers.get(entry.offerId);
    const latest = known === undefined || isLater(entry, known) ? entry : known;
    const lastValidUntil = latestOf(known?.lastValidUntil ?? null, entry.lastValidUntil);
    this.#offers.set(entry.offerId, { ...latest, lastValidUntil });
  }

  *#published(): Generator<Offer> {
    for (const { offer } of this.#offers.values()) if (offer !== null) yield offer;
  }

  /** The prices that take effect at a time of their own. */
  *#scheduled(): Generator<Price> {
    for (const candidates of this.#prices.values()) {
      for (const price of candidates.values()) if (price.validFrom !== null) yield price;
    }
  }
}

function offerEntry(update: Exclude<KnownUpdate, { kind: 'price.changed' }>, channels: string[]): OfferEntry {
  const { id: updateId, publishedAt } = update;
  const { offerId } = update.data;
  if (update.kind === 'offer.withdrawn') {
    return { offerId, updateId, publishedAt, channels, offer: null, lastValidUntil: null };
  }
  const { validFrom, validUntil } = update;
  const offer = { ...update.data, updateId, publishedAt, validFrom, validUntil };
  return { offerId, updateId, publishedAt, channels, offer, lastValidUntil: validUntil };
}

/** A moment that has always been, where there is none. */
function timeOf(timestamp: string | null): number {
  return timestamp === null ? Number.NEGATIVE_INFINITY : Date.parse(timestamp);
}

/** Without a `validFrom` a price is in force at once, even for a clock that is a moment behind `publishedAt`. */
function isInForce(price: Price, at: number): boolean {
  return timeOf(price.validFrom) <= at;
}

function isActive(offer: Offer, at: number): boolean {
  return timeOf(offer.validFrom) <= at && at < Date.parse(offer.validUntil);
}

/** The contract's order of prices in force: the latest effective time, then `publishedAt`, then id. */
function outranks(price: Price, other: Price): boolean {
  const [own, others] = [effectiveTime(price), effectiveTime(other)];
  return own === others ? isLater(price, other) : own > others;
}

interface Published {
  publishedAt: string;
  updateId: string;
}

function isLater(event: Published, other: Published): boolean {
  const difference = Date.parse(event.publishedAt) - Date.parse(other.publishedAt);
  return difference === 0 ? event.updateId > other.updateId : difference > 0;
}

function latestOf(one: string | null, other: string | null): string | null {
  return timeOf(one) > timeOf(other) ? one : other;
}
