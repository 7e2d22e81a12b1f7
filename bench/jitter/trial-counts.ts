/** What a trial comes to: pure, so that what counts as delivered, doubled and late is said once and tested. */
import type { Absence } from './cut-network.ts';

export interface Trial {
  updates: readonly PublishedUpdate[];
  stores: readonly StoreRecord[];
  /** When the server was killed; what stores were cut from then on is no replay. */
  killedAt: number;
}

export interface PublishedUpdate {
  number: number;
  sentAt: number;
  endsAt?: number;
}

export interface StoreRecord {
  absences: readonly Absence[];
  /** By number: each time at which the application was handed it, in milliseconds since the epoch. */
  handed: ReadonlyMap<number, readonly number[]>;
}

/** Updates at stores: an update that two stores must have counts twice. */
export interface Counts {
  /** Prices: whoever was away must have them all the same. */
  due: number;
  delivered: number;
  /** Handed over once more, of prices and offers. */
  doubled: number;
  /** Of these, since the server was killed. */
  doubledByRestart: number;
  offers: number;
  offersInTime: number;
  /** Offers that were handed over after their end, each once. */
  offersLate: number;
  /** How long after its end the last of them was, in milliseconds. */
  latestMs: number;
}

export function countsOf({ killedAt, stores, updates }: Trial): Counts {
  const counts: Counts = {
    due: 0,
    delivered: 0,
    doubled: 0,
    doubledByRestart: 0,
    offers: 0,
    offersInTime: 0,
    offersLate: 0,
    latestMs: 0,
  };
  for (const store of stores) {
    for (const { endsAt, number } of updates) {
      const times = store.handed.get(number) ?? [];
      const again = times.slice(1);
      counts.doubled += again.length;
      counts.doubledByRestart += again.filter(at => at > killedAt).length;
      if (endsAt === undefined) {
        counts.due += 1;
        if (times.length > 0) counts.delivered += 1;
      } else {
        counts.offers += 1;
        if (times.some(at => at <= endsAt)) counts.offersInTime += 1;
        if (times.some(at => at > endsAt)) counts.offersLate += 1;
        counts.latestMs = Math.max(counts.latestMs, ...times.map(at => at - endsAt));
      }
    }
  }
  return counts;
}

/**
 * For each absence before the restart in which a store missed prices, and has had them since: milliseconds from its
 * reconnecting to the last of these.
 */
export function replaysOf({ killedAt, stores, updates }: Trial): number[] {
  const prices = updates.filter(({ endsAt }) => endsAt === undefined);
  return stores.flatMap(({ absences, handed }) =>
    absences.flatMap(({ reconnectedAt = Number.POSITIVE_INFINITY }, index) => {
      if (reconnectedAt >= killedAt) return [];
      const before = absences[index - 1]?.reconnectedAt ?? Number.NEGATIVE_INFINITY;
      const missed = prices
        .filter(({ sentAt }) => sentAt >= before && sentAt < reconnectedAt)
        .map(({ number }) => handed.get(number)?.[0] ?? Number.NEGATIVE_INFINITY)
        .filter(at => at >= reconnectedAt);
      return missed.length === 0 ? [] : [Math.max(...missed) - reconnectedAt];
    }),
  );
}

/** Milliseconds from the network's return to the connection that passed, for absences that ended before the restart. */
export function redialsOf({ killedAt, stores }: Trial): number[] {
  return stores.flatMap(({ absences }) =>
    absences.flatMap(({ backAt, reconnectedAt }) =>
      reconnectedAt === undefined || reconnectedAt >= killedAt ? [] : [reconnectedAt - backAt],
    ),
  );
}

/** Milliseconds from the kill until every store has had every price; undefined if one never had one. */
export function backAfter({ killedAt, stores, updates }: Trial): number | undefined {
  const prices = updates.filter(({ endsAt }) => endsAt === undefined);
  let last = killedAt;
  for (const { handed } of stores) {
    for (const { number } of prices) {
      const at = handed.get(number)?.[0];
      if (at === undefined) return undefined;
      last = Math.max(last, at);
    }
  }
  return last - killedAt;
}

/** By nearest rank; undefined of nothing. */
export function percentile(values: readonly number[], share: number): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.ceil(values.length * share) - 1];
}
