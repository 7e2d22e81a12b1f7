/**
 * How often stores report: each second while somebody watches, as far as the account's throttle carries the fleet's frames,
 * else as the stack's setting says. One item of the `stores`
 * table says until when somebody watches; its stream tells the connected stores of the first watcher (live/tell-pace.ts).
 */
import { Environment, PACE_KEY } from '../../domain/names.ts';
import type { Change } from '../aws/change.ts';
import { type Item, number, text } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { ItemSchema } from '../aws/item-schema.ts';
import { Table, type TableOptions } from '../aws/table.ts';

const pace = new ItemSchema('stores', { storeId: text }, { watchedUntil: number });

/** Between the reports of a store while somebody watches, of a fleet that is not larger than the throttle. */
const WATCHED_REPORT_MS = 1_000;
const WATCHED_MS = 5 * 60_000;
/** Whoever watches again so soon after the last time changes nothing. */
const RENEWED_AFTER_MS = 60_000;
/** How old an environment's knowledge may be: a store learns the pace with each answer. */
const KNOWN_MS = 1_000;

/** @param watchedMs for those that say it to stores */
export function paceFromEnvironment(watchedMs?: number): Pace {
  const table = { client: dynamoDb(), table: required(Environment.storesTable) };
  return new Pace({ ...table, ...(watchedMs === undefined ? {} : { watchedMs }) });
}

export class Pace {
  readonly #table: Table<typeof pace>;
  readonly #watchedMs: number;
  #known = { at: Number.NEGATIVE_INFINITY, watchedUntil: 0 };

  /** @param options.watchedMs between the reports of a store while somebody watches */
  constructor({ watchedMs = WATCHED_REPORT_MS, ...options }: TableOptions & { watchedMs?: number }) {
    this.#table = new Table(options, pace);
    this.#watchedMs = watchedMs;
  }

  /** Milliseconds between the reports of a store now. */
  async reportEveryMs(restingMs: number, now: number): Promise<number> {
    if (now >= this.#known.at + KNOWN_MS) this.#known = { at: now, watchedUntil: await this.#watchedUntil() };
    return this.#known.watchedUntil > now ? Math.min(this.#watchedMs, restingMs) : restingMs;
  }

  /** Somebody watches. @returns until when stores report each second, in milliseconds since the epoch */
  async watch(now: number): Promise<number> {
    const known = await this.#watchedUntil();
    const until = now + WATCHED_MS;
    if (known > until - RENEWED_AFTER_MS) return known;
    const { watchedUntil } = pace.attributes;
    const isLater = expression`${pace.isNew} OR ${watchedUntil} < ${watchedUntil.value(until)}`;
    await this.#table.update({ storeId: PACE_KEY }, expression`SET ${watchedUntil.is(until)}`, isLater);
    return until;
  }

  async #watchedUntil(): Promise<number> {
    return (await this.#table.get({ storeId: PACE_KEY }))?.watchedUntil ?? 0;
  }
}

/** Until when stores are to report each second, where nobody watched before these changes; undefined where somebody did. */
export function begunBy(changes: readonly Change[], now: number): number | undefined {
  const timeIn = (item: Item | undefined) => (item === undefined ? 0 : pace.attributes.watchedUntil.of(item));
  const [first] = changes;
  const last = changes.at(-1);
  return timeIn(first?.before) > now ? undefined : timeIn(last?.after);
}
