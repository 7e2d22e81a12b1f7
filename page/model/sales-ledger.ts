/**
 * What the chain has sold, minute by minute, from two sources: the HTTP API's totals of the chain, and totals of one
 * store's minute, which are pushed. All are absolute, and of two totals of the same thing the higher count is the newer;
 * so it makes no difference in which order they come, how often, or whether some are missed.
 */
import type { TotalBy } from '../../domain/protocol/sales-answers.ts';

export interface Sum {
  count: number;
  /** Minor units. */
  amount: number;
}

const NOTHING: Sum = { count: 0, amount: 0 };
const MINUTE_MS = 60_000;

/** Minutes since the epoch. */
export function minuteAt(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

interface Minute {
  /** By the HTTP API. */
  chain: Sum;
  byStore: Map<string, Sum>;
  /** Of `byStore`, kept up rather than added up: it is asked for with every draw. */
  stores: Sum;
}

export class SalesLedger {
  readonly #byCurrency = new Map<string, Map<number, Minute>>();
  readonly #lastMinuteOf = new Map<string, number>();

  /** The chain's minutes, as `GET /sales/totals?by=minute` answers them. */
  takeMinutes(totals: readonly TotalBy<'minute'>[]): void {
    for (const total of totals) {
      const minute = this.#minute(total.currency, minuteAt(Date.parse(total.minute)));
      minute.chain = newer(minute.chain, total);
    }
  }

  /** Minutes of single stores: pushed ones, and `GET /sales/totals?by=store` of one minute. */
  takeStoreMinutes(totals: readonly (TotalBy<'store'> & { minute: string })[]): void {
    for (const total of totals) {
      const at = minuteAt(Date.parse(total.minute));
      const minute = this.#minute(total.currency, at);
      const known = minute.byStore.get(total.store) ?? NOTHING;
      const latest = newer(known, total);
      minute.byStore.set(total.store, latest);
      minute.stores = {
        count: minute.stores.count + latest.count - known.count,
        amount: minute.stores.amount + latest.amount - known.amount,
      };
      this.#lastMinuteOf.set(total.store, Math.max(at, this.#lastMinuteOf.get(total.store) ?? 0));
    }
  }

  /** What was sold in a minute: until every store's share of it is known, the chain's own total is the higher one. */
  at(minute: number, currency: string): Sum {
    const found = this.#byCurrency.get(currency)?.get(minute);
    if (found === undefined) return NOTHING;
    return newer(found.chain, found.stores);
  }

  /** From a minute up to, but not including, another. */
  between(from: number, to: number, currency: string): Sum {
    const sum = { count: 0, amount: 0 };
    // Two days of minutes, several times a second: no list is made of them.
    for (const [at, { chain, stores }] of this.#byCurrency.get(currency) ?? []) {
      if (at < from || at >= to) continue;
      const { count, amount } = newer(chain, stores);
      sum.count += count;
      sum.amount += amount;
    }
    return sum;
  }

  /** The one with most sales first. */
  get currencies(): string[] {
    const counts = [...this.#byCurrency.keys()].map(
      currency => [currency, this.between(0, Number.POSITIVE_INFINITY, currency).count] as const,
    );
    return counts.sort(([, a], [, b]) => b - a).map(([currency]) => currency);
  }

  /** The latest minute in which a store is known to have sold something. */
  lastMinuteOf(storeId: string): number | undefined {
    return this.#lastMinuteOf.get(storeId);
  }

  /** Drops minutes before one, and before a later one what each store sold: the sums stay. */
  forget(minutesBefore: number, storesBefore: number): void {
    for (const minutes of this.#byCurrency.values()) {
      for (const [at, { chain, stores }] of minutes) {
        if (at < minutesBefore) minutes.delete(at);
        else if (at < storesBefore)
          minutes.set(at, { chain: newer(chain, stores), byStore: new Map(), stores: NOTHING });
      }
    }
  }

  #minute(currency: string, at: number): Minute {
    const minutes = this.#byCurrency.get(currency) ?? new Map<number, Minute>();
    this.#byCurrency.set(currency, minutes);
    const minute = minutes.get(at) ?? { chain: NOTHING, byStore: new Map(), stores: NOTHING };
    minutes.set(at, minute);
    return minute;
  }
}

function newer(known: Sum, { count, amount }: Sum): Sum {
  return known.count > count ? known : { count, amount };
}
