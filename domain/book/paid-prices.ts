/**
 * What was asked before the prices that a book still holds: a few numbers of each price that it forgets, so that a till can tell
 * the lowest of the 30 days before a reduced one.
 */

import type { RetailPrice } from '../retail/price.ts';
import type { Period } from '../retail/validity.ts';
import { type PaidAmount, publicSteps } from './price-steps.ts';
import type { Published } from './published.ts';
import { type Changed, TrackedMap } from './tracked-map.ts';

/** By SKU and currency. */
export type PaidSnapshot = Record<string, PaidAmount[]>;

/** As the chain keeps them: 30 days for whoever asks later, and the 30 days before. */
const KEPT_MS = 61 * 86_400_000;

export class PaidPrices {
  readonly #paid: TrackedMap<PaidAmount[]>;

  constructor(snapshot: PaidSnapshot = {}) {
    this.#paid = new TrackedMap(Object.entries(snapshot));
  }

  /**
   * Notes what the book forgets, and what else was paid before that: with what is forgotten, it could be told no more.
   *
   * @param forgotten of one SKU
   * @param prices all that the book held of it
   */
  note<P extends RetailPrice & Published>(
    forgotten: ReadonlySet<P>,
    prices: readonly P[],
    periodOf: (price: P) => Period,
    now: number,
  ): void {
    for (const { currency, sku } of forgotten) {
      const known = this.of(sku, currency);
      const steps = publicSteps(
        prices.filter(price => price.currency === currency),
        periodOf,
      ).filter(({ until }) => Number.isFinite(until));
      const ends = steps.flatMap(({ price, until }) => (forgotten.has(price) ? [until] : []));
      const end = Math.max(now, ...ends);
      // Until then all is told already, by prices that are forgotten by now.
      const told = known.at(-1)?.[1] ?? 0;
      const found = steps
        .filter(({ until }) => until <= end && until > told)
        .map(({ price, until }): PaidAmount => [price.amount, until, shortId(price.updateId)]);
      this.#keep(keyOf(sku, currency), [...known, ...found], now);
    }
  }

  /** The prices of these updates are in the book again, or are withdrawn. */
  drop(updateIds: readonly string[], keys: Iterable<string> = this.#paid.keys()): void {
    const updates = new Set(updateIds.map(shortId));
    for (const key of keys) {
      const known = this.#paid.get(key);
      if (known?.some(([, , update]) => updates.has(update)))
        this.#set(
          key,
          known.filter(([, , update]) => !updates.has(update)),
        );
    }
  }

  /** The keys of these SKUs that have something noted. */
  keysOf(skus: readonly string[]): string[] {
    const wanted = new Set(skus);
    return [...this.#paid.keys()].filter(key => wanted.has(skuOfKey(key)));
  }

  of(sku: string, currency: string): readonly PaidAmount[] {
    return this.#paid.get(keyOf(sku, currency)) ?? [];
  }

  /** Undefined where there is nothing to tell. */
  snapshot(): PaidSnapshot | undefined {
    return this.#paid.size === 0 ? undefined : Object.fromEntries(this.#paid);
  }

  /** What has changed since this was asked last; undefined the first time: everything. */
  takeChanges(): Changed<PaidAmount> | undefined {
    return this.#paid.takeChanges(paid => paid);
  }

  prune(now: number): void {
    for (const [key, paid] of this.#paid)
      if (paid.some(([, until]) => isOld(until, now))) this.#keep(key, paid, now);
  }

  /** One that two later ones undercut is the lowest of no time, not even if one of the two is withdrawn. */
  #keep(key: string, paid: readonly PaidAmount[], now: number): void {
    const kept = paid.filter(
      ([amount, until], index) =>
        !isOld(until, now) && paid.slice(index + 1).filter(([later]) => later <= amount).length < 2,
    );
    this.#set(key, kept);
  }

  #set(key: string, paid: PaidAmount[]): void {
    if (paid.length === 0) this.#paid.delete(key);
    else this.#paid.set(key, paid);
  }
}

export function keyOf(sku: string, currency: string): string {
  return `${sku}/${currency}`;
}

/** Names hold no slash. */
function skuOfKey(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

function isOld(until: number, now: number): boolean {
  return until + KEPT_MS <= now;
}

/** FNV-1a: a till keeps tens of thousands of them, and ids have up to 64 characters. Of one article it tells them apart. */
function shortId(updateId: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < updateId.length; index += 1)
    hash = Math.imul(hash ^ updateId.charCodeAt(index), 0x01000193);
  return (hash >>> 8).toString(36);
}
