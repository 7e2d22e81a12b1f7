/** A till that rings up what real tills do: weighed goods, fuel, returns, discounts, taxes, cash rounding, several currencies. */
import type { Sale } from '../../domain/sales/sale.ts';
import type { Random } from '../fleet/random.ts';

/** What a line sold, in integers: thousandths of its unit, and minor units after its own discounts. */
export interface Sold {
  sku: string;
  unit: string;
  currency: string;
  thousandths: number;
  amount: number;
}

export interface RungSale {
  sale: Sale;
  sold: Sold[];
}

type Line = Sale['lines'][number];

/** Sold by the piece, by weight, as fuel to the tenth of a minor unit; cheese both cut and packed. */
const ARTICLES = [
  { sku: 'bread', unit: undefined },
  { sku: 'milk', unit: 'C62' },
  { sku: 'cheese', unit: 'C62' },
  { sku: 'cheese', unit: 'KGM' },
  { sku: 'ham', unit: 'KGM' },
  { sku: 'diesel', unit: 'LTR' },
  { sku: 'cloth', unit: 'MTR' },
];
const CURRENCIES = ['EUR', 'CHF', 'JPY'];
const TILLS = [undefined, 'till-1', 'till-2'];

export class RetailTill {
  readonly #random: Random;
  #rung = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param at milliseconds since the epoch */
  ring(at: number, tills: readonly (string | undefined)[] = TILLS): RungSale {
    const random = this.#random;
    this.#rung += 1;
    const isReturn = random.chance(0.1);
    const currency = random.pick(CURRENCIES);
    const till = random.pick(tills);
    const rung = Array.from({ length: random.between(1, 5) }, () => this.#line(isReturn ? -1 : 1));
    const discounts = this.#discounts(0.15, 300);
    const isIncluded = random.chance(0.5);
    const tax = random.between(0, 500) * (isReturn ? -1 : 1);
    const hasTax = random.chance(0.6);
    const rounding = random.chance(0.3) ? random.between(-4, 4) : undefined;
    const lines = rung.reduce((sum, { amount }) => sum + amount, 0);
    const total = lines - sumOf(discounts) + (hasTax && !isIncluded ? tax : 0) + (rounding ?? 0);
    const sale: Sale = {
      saleId: `sale-${this.#rung}`,
      soldAt: new Date(at).toISOString(),
      currency,
      total,
      lines: rung.map(({ line }) => (hasTax ? { ...line, tax: 'A' } : line)),
      ...(till === undefined ? {} : { till, sequence: this.#rung }),
      ...(isReturn ? { type: 'return' as const, original: { saleId: `sale-${this.#rung - 1}` } } : {}),
      ...(discounts.length === 0 ? {} : { discounts }),
      ...(hasTax
        ? { taxes: [{ code: 'A', percent: 7.7, base: lines, amount: tax, included: isIncluded }] }
        : {}),
      ...(rounding === undefined ? {} : { rounding }),
      tenders: [{ type: random.pick(['cash', 'card'] as const), amount: total }],
    };
    const sold = rung.map(({ line, thousandths, amount }) => {
      const { sku, unit = 'C62' } = line;
      return { sku, unit, currency, thousandths, amount };
    });
    return { sale, sold };
  }

  #line(sign: 1 | -1): { line: Line; thousandths: number; amount: number } {
    const random = this.#random;
    const { sku, unit } = random.pick(ARTICLES);
    const isWhole = unit === undefined || unit === 'C62';
    const thousandths = sign * (isWhole ? 1_000 * random.between(1, 5) : random.between(1, 12_000));
    const unitPrice = unit === 'LTR' ? random.between(1_000, 2_500) / 10 : random.between(0, 2_999);
    const gross = sign * Math.floor((Math.abs(thousandths) * Math.round(unitPrice * 10) + 5_000) / 10_000);
    const discounts = this.#discounts(0.2, 50);
    const line: Line = {
      sku,
      quantity: thousandths / 1_000,
      unitPrice,
      ...(unit === undefined ? {} : { unit }),
      // Of pieces it follows from the price.
      ...(isWhole && random.chance(0.7) ? {} : { amount: gross }),
      ...(discounts.length === 0 ? {} : { discounts }),
    };
    return { line, thousandths, amount: gross - sumOf(discounts) };
  }

  #discounts(probability: number, most: number): { amount: number; offerId?: string }[] {
    const random = this.#random;
    if (!random.chance(probability)) return [];
    return Array.from({ length: random.between(1, 2) }, () => ({
      amount: random.between(1, most),
      ...(random.chance(0.5) ? { offerId: 'offer-1' } : {}),
    }));
  }
}

function sumOf(discounts: readonly { amount: number }[]): number {
  return discounts.reduce((sum, { amount }) => sum + amount, 0);
}
