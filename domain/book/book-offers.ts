/** The offers of the book: of each the latest event, whatever the order in which its events came. */
import type { RetailOffer } from '../retail/offer.ts';
import { localTimesOf, periodOnEarth } from '../retail/validity.ts';
import type { KnownUpdate } from '../updates/read-update.ts';
import type { UpdateValidity } from '../updates/update.ts';
import { isLater, type Published, type StorePeriods } from './published.ts';
import { type Changed, TrackedMap } from './tracked-map.ts';

/** A published offer; it is active from its start (null is at once) up to, not including, its end. */
export interface Offer extends RetailOffer, UpdateValidity, Published {}

/** The latest event of an offer. */
export interface OfferEntry extends Published {
  offerId: string;
  channels: string[];
  /** Null once it is withdrawn. */
  offer: Offer | null;
  /** When the last of its events is over everywhere; null while only a withdrawal is known. */
  lastValidUntil: string | null;
}

export type OfferChange = { type: 'offer.started' | 'offer.ended'; offer: Offer };

/**
 * An ended offer or a withdrawal is remembered so long after the offer's last end: an older event that is
 * late by less (the chain's log keeps 30 days) can't bring the offer back.
 */
const REMEMBER_MS = 30 * 86_400_000;

export class BookOffers {
  readonly #periods: StorePeriods;
  readonly #entries: TrackedMap<OfferEntry>;

  constructor(periods: StorePeriods, entries: readonly OfferEntry[]) {
    this.#periods = periods;
    this.#entries = new TrackedMap(entries.map(entry => [entry.offerId, entry]));
  }

  add(entry: OfferEntry): void {
    const known = this.#entries.get(entry.offerId);
    const latest = known === undefined || isLater(entry, known) ? entry : known;
    const lastValidUntil = latestOf(known?.lastValidUntil ?? null, entry.lastValidUntil);
    this.#entries.set(entry.offerId, { ...latest, lastValidUntil });
  }

  all(): OfferEntry[] {
    return [...this.#entries.values()];
  }

  /** What has changed since this was asked last; undefined the first time: everything. */
  takeChanges(): Changed<OfferEntry> | undefined {
    return this.#entries.takeChanges(entry => [entry]);
  }

  active(at: number): Offer[] {
    return [...this.#published()].filter(offer => this.#periods.holds(offer, at));
  }

  /** Those that are active at some moment from `at` on. */
  lasting(at: number): Offer[] {
    return [...this.#published()].filter(offer => this.#periods.of(offer).until > at);
  }

  /** When time alone will next start or end one; infinite if it never will. */
  nextChange(at: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const offer of this.#published()) {
      const { from, until } = this.#periods.of(offer);
      for (const time of [from, until]) if (time > at && time < next) next = time;
    }
    return next;
  }

  /** What changed by time alone after `from`, up to and including `to`. */
  changes(from: number, to: number): OfferChange[] {
    const isDue = (time: number): boolean => time > from && time <= to;
    const changes: OfferChange[] = [];
    for (const offer of this.#published()) {
      const period = this.#periods.of(offer);
      if (isDue(period.from) && to < period.until) changes.push({ type: 'offer.started', offer });
      if (isDue(period.until)) changes.push({ type: 'offer.ended', offer });
    }
    return changes;
  }

  prune(before: number): void {
    for (const [offerId, { lastValidUntil }] of this.#entries) {
      if (lastValidUntil !== null && Date.parse(lastValidUntil) + REMEMBER_MS <= before) {
        this.#entries.delete(offerId);
      }
    }
  }

  *#published(): Generator<Offer> {
    for (const { offer } of this.#entries.values()) if (offer !== null) yield offer;
  }
}

export function offerEntry(
  update: Extract<KnownUpdate, { kind: 'offer.published' | 'offer.withdrawn' }>,
  channels: string[],
): OfferEntry {
  const { id: updateId, publishedAt } = update;
  const { offerId } = update.data;
  if (update.kind === 'offer.withdrawn') {
    return { offerId, updateId, publishedAt, channels, offer: null, lastValidUntil: null };
  }
  const { validFrom, validUntil } = update;
  const offer = {
    ...update.data,
    updateId,
    publishedAt,
    validFrom,
    validUntil,
    ...localTimesOf(update),
  };
  const lastValidUntil = new Date(periodOnEarth(offer).until).toISOString();
  return { offerId, updateId, publishedAt, channels, offer, lastValidUntil };
}

function latestOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) > Date.parse(other) ? one : other;
}
