/**
 * Sums of sales by key and currency. Their text is what the tables keep of them: the SKUs of one write in a minute's item,
 * the sums of a whole hour in its roll-up. `EUR A 2 398 B 1 50;CHF A 1 210`: names hold neither blanks nor semicolons.
 */
import type { Sale } from './sale.ts';

export const GROUPINGS = ['store', 'region', 'sku', 'minute'] as const;
/** What totals are told by. */
export type Grouping = (typeof GROUPINGS)[number];

export interface Total {
  key: string;
  /** Sales; by SKU, pieces. */
  count: number;
  /** Minor units. */
  amount: number;
  currency: string;
}

interface Sum {
  count: number;
  amount: number;
}

export class Totals {
  /** By currency, then by key: a day of the reference fleet adds half a million times. */
  readonly #sums = new Map<string, Map<string, Sum>>();

  add(key: string, currency: string, count: number, amount: number): void {
    addTo(this.#of(currency), key, count, amount);
  }

  /** Adds what `encode` wrote. */
  addEncoded(text: string): void {
    if (text === '') return;
    for (const part of text.split(';')) {
      const [currency = '', ...tokens] = part.split(' ');
      const sums = this.#of(currency);
      for (let index = 0; index < tokens.length; index += 3) {
        addTo(sums, tokens[index] ?? '', Number(tokens[index + 1]), Number(tokens[index + 2]));
      }
    }
  }

  encode(): string {
    return [...this.#sums]
      .map(([currency, sums]) =>
        [
          currency,
          ...[...sums].sort(byKey).map(([key, { count, amount }]) => `${key} ${count} ${amount}`),
        ].join(' '),
      )
      .join(';');
  }

  /** In the order of `idOf`. */
  list(): Total[] {
    const totals = [...this.#sums].flatMap(([currency, sums]) =>
      [...sums].map(([key, sum]) => ({ key, ...sum, currency })),
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
export function idOf({ key, currency }: Total): string {
  return `${key} ${currency}`;
}

/** What was sold of each SKU, in pieces. */
export function skuTotals(sales: readonly Sale[]): Totals {
  const totals = new Totals();
  for (const { currency, lines } of sales) {
    for (const { sku, quantity, unitPrice } of lines)
      totals.add(sku, currency, quantity, quantity * unitPrice);
  }
  return totals;
}

function addTo(sums: Map<string, Sum>, key: string, count: number, amount: number): void {
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { count, amount });
  else {
    sum.count += count;
    sum.amount += amount;
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
