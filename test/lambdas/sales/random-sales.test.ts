/**
 * 100,000 sales as tills ring them up, through what the chain does with each: checked, put into its store's minute write by
 * write, read back, added up. The sums are held against the integers that the tills began from. What the tables do with the
 * writes is in sales-book.test.ts, and what kills and repeats do in test/fleet/sales.test.ts.
 */
import { expect, test } from 'vitest';
import { scaledFromText } from '../../../domain/decimal.ts';
import { canonicalJson } from '../../../domain/json.ts';
import { checkSale, minuteOf, type Sale } from '../../../domain/sales/sale.ts';
import { Totals } from '../../../domain/sales/sales-sums.ts';
import type { Item } from '../../../lambdas/aws/codecs.ts';
import { keysOf, ROLLED_UP_BY, sumsFor } from '../../../lambdas/sales/regional-sums.ts';
import { addMinute, entryOf, storeMinute } from '../../../lambdas/sales/sales-items.ts';
import { RetailTill, type RungSale } from '../../domain/retail-till.ts';
import { Random } from '../../fleet/random.ts';

const SALES = 100_000;
const STORES = Array.from({ length: 25 }, (_, index) => ({
  storeId: `store-${index}`,
  region: [undefined, 'north', 'south'][index % 3],
}));
const MINUTES = 60;
const BEGIN = Date.parse('2026-11-27T10:00:00Z');
const RECEIVED_AT = '2026-11-28T00:00:00.000Z';

interface Sum {
  count: bigint;
  amount: bigint;
}
type Sums = Map<string, Sum>;

function add(sums: Sums, key: string, count: bigint, amount: number): void {
  const { count: counted, amount: summed } = sums.get(key) ?? { count: 0n, amount: 0n };
  sums.set(key, { count: counted + count, amount: summed + BigInt(amount) });
}

/** One write after the other, of up to 25 sales, as DynamoDB adds them to the item of a minute. */
function itemOf(
  store: (typeof STORES)[number],
  minute: string,
  sales: readonly Sale[],
  random: Random,
): Item {
  const counts: Record<string, number> = {};
  const amounts: Record<string, number> = {};
  const skus: string[] = [];
  for (let from = 0; from < sales.length; ) {
    const to = from + random.between(1, 25);
    const entry = entryOf(sales.slice(from, to), RECEIVED_AT);
    for (const { currency, count, amount } of entry.sums) {
      counts[currency] = (counts[currency] ?? 0) + count;
      amounts[currency] = (amounts[currency] ?? 0) + Number(amount);
    }
    skus.push(entry.skus);
    from = to;
  }
  return storeMinute.encode({
    ...store,
    minute,
    bucket: 'day#0',
    counts,
    amounts,
    skus,
    sales: {},
    packs: [],
    size: 0,
  });
}

function expectSums(totals: Totals, sums: Sums, by: string): void {
  const told = totals.list().map(({ key, unit = 'C62', currency, count, amount }) => {
    const thousandths = BigInt(scaledFromText(JSON.stringify(count), 3));
    return [`${key} ${by === 'sku' ? unit : ''} ${currency}`, `${thousandths} ${JSON.stringify(amount)}`];
  });
  const expected = [...sums].map(([key, { count, amount }]) => [key, `${count} ${amount}`]);
  expect(Object.fromEntries(told), by).toEqual(Object.fromEntries(expected));
}

test('a hundred thousand sales add up to the cent and the gram in every grouping', () => {
  const random = new Random(14);
  const till = new RetailTill(random);
  const minutes = new Map<string, { store: (typeof STORES)[number]; minute: string; rung: RungSale[] }>();
  const expected = { store: new Map(), region: new Map(), sku: new Map(), minute: new Map() } as Record<
    'store' | 'region' | 'sku' | 'minute',
    Sums
  >;
  for (let index = 0; index < SALES; index += 1) {
    const store = random.pick(STORES);
    const rung = till.ring(BEGIN + random.between(0, MINUTES * 60_000 - 1));
    const { currency, soldAt, total } = rung.sale;
    const minute = minuteOf(soldAt);
    const key = `${store.storeId} ${minute}`;
    const known = minutes.get(key) ?? { store, minute, rung: [] };
    known.rung.push(rung);
    minutes.set(key, known);
    for (const [by, name] of [
      ['store', store.storeId],
      ['region', store.region ?? ''],
      ['minute', minute],
    ] as const)
      add(expected[by], `${name}  ${currency}`, 1_000n, total);
    for (const { sku, unit, thousandths, amount } of rung.sold)
      add(expected.sku, `${sku} ${unit} ${currency}`, BigInt(thousandths), amount);
  }

  const rolledUp = Object.fromEntries(ROLLED_UP_BY.map(by => [by, new Totals()]));
  for (const { store, minute, rung } of minutes.values()) {
    const taken = rung.map(({ sale }) => {
      const checked = checkSale(sale, BEGIN + MINUTES * 60_000);
      if ('refused' in checked) throw new Error(`${checked.refused.message}: ${canonicalJson(sale)}`);
      return checked.sale;
    });
    const item = itemOf(store, minute, taken, random);
    for (const by of ROLLED_UP_BY) addMinute(rolledUp[by] as Totals, by, item);
  }
  for (const by of ['store', 'region', 'sku', 'minute'] as const) {
    const totals = new Totals();
    // As an hour is rolled up and read again.
    totals.addEncoded(rolledUp[sumsFor(by)]?.encode() ?? '', keysOf({ by }));
    expectSums(totals, expected[by], by);
  }
}, 60_000);
