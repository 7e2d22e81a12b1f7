/**
 * The `sales` table, written and read by store: a store's minute is one item, so a frame costs one conditional write a
 * minute, and a repeated sale changes nothing. Its items are in sales-items.ts; sales-index.ts reads it by minute.
 */
import { chunks } from '../../domain/chunks.ts';
import type { Exact } from '../../domain/decimal.ts';
import { Environment } from '../../domain/names.ts';
import { type Sale, saleKey } from '../../domain/sales/sale.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import { exact, flag } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { type Expression, expression, join, literal, type Path } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { isKeptAs, markOf, unpackSales } from './kept-sale.ts';
import {
  bucketIn,
  bucketOf,
  type Entry,
  entryOf,
  indexKey,
  type StoreMinute,
  storeMinute,
} from './sales-items.ts';

/** An expression holds 4 KB. */
const SALES_PER_WRITE = 25;
const keys = storeMinute.attributes;

/** Why a sale was not entered: its minute has no room, or has another sale of its till and id. */
export interface NotEntered {
  sale: Sale;
  code: 'minute_full' | 'sale_id_taken';
}

/** Sales of one store and one minute, as they came. */
export interface Arrived {
  store: StorePlacement;
  minute: string;
  sales: readonly Sale[];
  /** When they came, in milliseconds since the epoch. */
  now: number;
  /** Called before a write that enters some of them, and not for repeated ones. @param bucket of the minute */
  beforeEntering?: ((bucket: number) => Promise<void>) | undefined;
}

export function salesBookFromEnvironment(): SalesBook {
  return new SalesBook({
    client: dynamoDb(),
    table: required(Environment.salesTable),
    buckets: requiredNumber(Environment.salesBuckets),
    keptDays: requiredNumber(Environment.salesDays),
  });
}

/** A minute's first sale may come this much later than the last day on which it is taken. */
const LINGER_DAYS = 1;
const DAY_MS = 86_400_000;

export class SalesBook {
  readonly #table: Table<typeof storeMinute>;
  readonly #buckets: number;
  readonly #keptMs: number;

  constructor(options: TableOptions & { buckets: number; keptDays: number }) {
    this.#table = new Table(options, storeMinute);
    this.#buckets = options.buckets;
    this.#keptMs = (options.keptDays + LINGER_DAYS) * DAY_MS;
  }

  /** Enters sales; those that are there already, with the same content, change nothing. */
  async enter(arrived: Arrived): Promise<NotEntered[]> {
    const { others, sales } = split(arrived.sales);
    const refused: NotEntered[] = [];
    for (const part of chunks(sales, SALES_PER_WRITE)) {
      refused.push(...(await this.#enterSome({ ...arrived, sales: part })));
    }
    if (others.length === 0) return refused;
    const { missing, taken } = judge(await this.#find(arrived), others);
    return [...refused, ...taken, ...missing.map(toFull)];
  }

  /** @param arrived each of another key */
  async #enterSome(arrived: Arrived): Promise<NotEntered[]> {
    const { beforeEntering, store } = arrived;
    const refused: NotEntered[] = [];
    let missing = arrived.sales;
    // Without a look first, the write is tried. What comes once its minute is over is mostly all of it; what comes before
    // is mostly not the first. It fails where that is wrong, or a sale is repeated.
    let looks = beforeEntering !== undefined;
    let isNew = isOver(arrived);
    for (;;) {
      const known = looks ? await this.#find(arrived) : undefined;
      const judged = judge(known, missing);
      refused.push(...judged.taken);
      missing = judged.missing;
      if (missing.length === 0) return refused;
      const entry = entryOf(missing, new Date(arrived.now).toISOString());
      if (known !== undefined && known.size > entry.room) return [...refused, ...missing.map(toFull)];
      const bucket = known === undefined ? bucketOf(store.storeId, this.#buckets) : bucketIn(known.bucket);
      await beforeEntering?.(bucket);
      if (looks) isNew = known === undefined;
      if (await (isNew ? this.#create(arrived, entry) : this.#add(arrived, entry))) return refused;
      looks = true;
    }
  }

  #find({ minute, store: { storeId } }: Arrived): Promise<StoreMinute | undefined> {
    return this.#table.get({ storeId, minute });
  }

  /**
   * The sales of a store, in the order of their minutes, times and ids.
   *
   * @param from @param to minutes, `to` not included
   */
  async *salesOf(storeId: string, from: string, to: string): AsyncGenerator<Sale[]> {
    const { minute } = keys;
    const pages = this.#table.query({
      where: expression`${keys.storeId.is(storeId)} AND ${minute} BETWEEN ${minute.value(from)} AND ${minute.value(to)}`,
    });
    for await (const items of pages) {
      for (const item of items) {
        const found = storeMinute.decode(item);
        // BETWEEN includes its end; the range does not.
        if (found.minute < to) yield salesIn(found);
      }
    }
  }

  /** @returns false if the minute has no item yet, has one of these sales already, or has no room */
  #add({ minute, store: { storeId } }: Arrived, entry: Entry): Promise<boolean> {
    const { sums, skus, marks, pack, size, room } = entry;
    const kept = marks.map(mark => keys.sales.at(mark));
    const sets = [
      expression`${keys.size} = ${keys.size} + ${keys.size.value(size)}`,
      expression`${keys.skus} = list_append(${keys.skus}, ${keys.skus.value([skus])})`,
      expression`${keys.packs} = list_append(${keys.packs}, ${keys.packs.value([pack])})`,
      ...sums.flatMap(({ currency, count, amount }) => [
        addTo(keys.counts.at(currency), count),
        addTo(keys.amounts.at(currency), amount),
      ]),
      ...kept.map(at => expression`${at} = ${literal(flag, true)}`),
    ];
    const isMissing = kept.map(at => expression`attribute_not_exists(${at})`);
    const hasRoom = expression`${keys.size} <= ${keys.size.value(room)}`;
    return this.#table.update(
      { storeId, minute },
      expression`SET ${join(sets, ', ')}`,
      join([storeMinute.exists, hasRoom, ...isMissing], ' AND '),
    );
  }

  /** @returns false if the minute has an item meanwhile */
  #create({ minute, store: { storeId, region } }: Arrived, entry: Entry): Promise<boolean> {
    const { sums, skus, marks, pack, size } = entry;
    return this.#table.insert({
      storeId,
      minute,
      bucket: indexKey(minute.slice(0, 10), bucketOf(storeId, this.#buckets)),
      region,
      counts: Object.fromEntries(sums.map(({ currency, count }) => [currency, count])),
      amounts: Object.fromEntries(sums.map(({ currency, amount }) => [currency, amount])),
      skus: [skus],
      sales: Object.fromEntries(marks.map(mark => [mark, true])),
      packs: [pack],
      size,
      expiresAt: Date.parse(minute) + this.#keptMs,
    });
  }
}

/** A text that orders the sales of a store, and is different for each. */
export function saleOrder(sale: Sale): string {
  return `${sale.soldAt} ${saleKey(sale)}`;
}

/** The first sale of each key, and the others: a frame may bring two of one key. */
function split(arrived: readonly Sale[]): { sales: Sale[]; others: Sale[] } {
  const first = new Map<string, Sale>();
  const others: Sale[] = [];
  for (const sale of arrived) {
    if (first.has(saleKey(sale))) others.push(sale);
    else first.set(saleKey(sale), sale);
  }
  return { sales: [...first.values()], others };
}

/** Which sales a minute lacks, and of which it has another one; the rest it has as they are. */
function judge(known: StoreMinute | undefined, sales: readonly Sale[]) {
  const missing: Sale[] = [];
  const taken: NotEntered[] = [];
  const isThere = (sale: Sale) => known !== undefined && Object.hasOwn(known.sales, markOf(sale));
  const kept = known !== undefined && sales.some(isThere) ? unpackSales(known) : new Map();
  for (const sale of sales) {
    const same = kept.get(saleKey(sale));
    if (!isThere(sale)) missing.push(sale);
    else if (same === undefined || !isKeptAs(same, sale)) taken.push({ sale, code: 'sale_id_taken' });
  }
  return { missing, taken };
}

function toFull(sale: Sale): NotEntered {
  return { sale, code: 'minute_full' };
}

/** A currency's first sale of a minute finds no sum to add to. */
function addTo(sum: Path, value: Exact): Expression {
  return expression`${sum} = if_not_exists(${sum}, ${literal(exact, 0)}) + ${literal(exact, value)}`;
}

function salesIn(found: StoreMinute): Sale[] {
  return [...unpackSales(found).values()]
    .map(({ sale }) => sale)
    .sort((a, b) => (saleOrder(a) < saleOrder(b) ? -1 : 1));
}

const MINUTE_MS = 60_000;

/** Whether the minute is over. */
function isOver({ minute, now }: Arrived): boolean {
  return now >= Date.parse(minute) + MINUTE_MS;
}
