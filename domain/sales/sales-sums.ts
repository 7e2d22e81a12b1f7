/**
 * Sums of sales by key and currency, exact however large. Their text is what the tables keep of them: the SKUs of one write in a
 * minute's item, the sums of a whole hour in its roll-up. `EUR A 2 398 B/KGM 0.482 626;CHF A 1 210`: a unit follows its SKU
 * unless it is pieces; names hold neither blanks, slashes nor semicolons.
 *
 * Returns and voids are sales of their own with negative amounts: each counts as one, and adds what its total says.
 */
import { decimalText, type Exact, exactFromText, plus, scaled, scaledFromText } from '../decimal.ts';
import { type JsonNumber, jsonNumber } from '../json.ts';
import { PIECES, QUANTITY_PLACES } from '../retail/quantity.ts';
import type { Sale } from './sale.ts';
import { netAmount } from './sale-amounts.ts';

export const GROUPINGS = ['store', 'region', 'sku', 'minute'] as const;
/** What totals are told by. */
export type Grouping = (typeof GROUPINGS)[number];

export interface Total {
  key: string;
  /** Of a SKU, where it isn't pieces. */
  unit?: string;
  /** Sales; by SKU, the quantity of its unit, with up to three decimals. */
  count: JsonNumber;
  /** Minor units. */
  amount: JsonNumber;
  currency: string;
}

interface Sum {
  /** Thousandths. */
  count: Exact;
  amount: Exact;
}

export class Totals {
  /** By currency, then by key with its unit: a day of the reference fleet adds half a million times. */
  readonly #sums = new Map<string, Map<string, Sum>>();

  /** @param count with at most three decimals */
  add(key: string, currency: string, count: number, amount: Exact, unit = PIECES): void {
    const thousandths = scaled(count, QUANTITY_PLACES);
    if (thousandths === undefined) throw new RangeError(`count ${count} has more than three decimals`);
    addTo(this.#of(currency), unit === PIECES ? key : `${key}/${unit}`, thousandths, amount);
  }

  /**
   * Adds what `encode` wrote.
   *
   * @param keyOf another key, with its unit, for each; undefined leaves it out
   */
  addEncoded(text: string, keyOf: (key: string) => string | undefined = key => key): void {
    if (text === '') return;
    for (const part of text.split(';')) {
      const [currency = '', ...tokens] = part.split(' ');
      const sums = this.#of(currency);
      for (let index = 0; index < tokens.length; index += 3) {
        const [token = '', count = '', amount = ''] = tokens.slice(index, index + 3);
        const key = keyOf(token);
        if (key !== undefined)
          addTo(sums, key, scaledFromText(count, QUANTITY_PLACES), exactFromText(amount));
      }
    }
  }

  encode(): string {
    return [...this.#sums]
      .map(([currency, sums]) =>
        [
          currency,
          ...[...sums]
            .sort(byKey)
            .map(([key, { count, amount }]) => `${key} ${decimalText(count, QUANTITY_PLACES)} ${amount}`),
        ].join(' '),
      )
      .join(';');
  }

  /** In the order of `idOf`. */
  list(): Total[] {
    const totals = [...this.#sums].flatMap(([currency, sums]) =>
      [...sums].map(([key, sum]) => toTotal(key, sum, currency)),
    );
    return totals
      .map(total => [idOf(total), total] as const)
      .sort(byKey)
      .map(([, total]) => total);
  }

  #of(currency: string): Map<string, Sum> {
    let sums = this.#sums.get(currency);
    if (sums === undefined) {
      sums = new Map();
      this.#sums.set(currency, sums);
    }
    return sums;
  }
}

/** Tells a total from all others of its list. */
export function idOf({ key, unit, currency }: Pick<Total, 'key' | 'unit' | 'currency'>): string {
  return `${unit === undefined ? key : `${key}/${unit}`} ${currency}`;
}

/** What was sold of each SKU: its quantity by unit, and its lines' amounts less their own discounts. */
export function skuTotals(sales: readonly Sale[]): Totals {
  const totals = new Totals();
  for (const { currency, lines } of sales) {
    for (const line of lines) totals.add(line.sku, currency, line.quantity, netAmount(line), line.unit);
  }
  return totals;
}

function toTotal(keyWithUnit: string, { count, amount }: Sum, currency: string): Total {
  const [key = '', unit] = keyWithUnit.split('/');
  return {
    key,
    ...(unit === undefined ? {} : { unit }),
    count: jsonNumber(decimalText(count, QUANTITY_PLACES)),
    amount: jsonNumber(String(amount)),
    currency,
  };
}

function addTo(sums: Map<string, Sum>, key: string, count: Exact, amount: Exact): void {
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { count, amount });
  else {
    sum.count = plus(sum.count, count);
    sum.amount = plus(sum.amount, amount);
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
