/** What a simulated checkout rings up: pieces and weighed goods at the store's own prices and offers, taxes, and now and then a return. */
import { randomUUID } from 'node:crypto';
import type { StoreClient } from '../../client/node.ts';
import { type BasketLine, type BasketPrice, type QuotedLine, quote } from '../../domain/basket.ts';
import type { SaleInput } from '../../domain/sales/sale.ts';

/** The part of a store that prices a basket. */
export type PricingStore = Pick<StoreClient, 'now' | 'price' | 'offers'> & {
  book: Pick<StoreClient['book'], 'timeZone'>;
};

const CURRENCY = 'EUR';
/** Where the chain has published no price of its own. */
const ASSORTMENT: Record<string, { price: BasketPrice; tax: string }> = {
  '4006381333931': { price: { amount: 199, currency: CURRENCY }, tax: 'A' },
  '4311501043271': { price: { amount: 89, currency: CURRENCY }, tax: 'B' },
  '7622210449283': { price: { amount: 249, currency: CURRENCY }, tax: 'B' },
  '5449000000996': { price: { amount: 129, currency: CURRENCY }, tax: 'A' },
  gouda: { price: { amount: 1_299, currency: CURRENCY, unit: 'KGM' }, tax: 'B' },
  apples: { price: { amount: 279, currency: CURRENCY, unit: 'KGM' }, tax: 'B' },
};
const PERCENT_BY_TAX: Record<string, number> = { A: 19, B: 7 };
const TILLS = 2;
const RETURNED = 0.03;
const STAFF = 0.02;
const STAFF_PERCENT = 10;

type TaxedLine = BasketLine & { tax: string };
type SoldLine = Omit<QuotedLine<TaxedLine>, 'discounts'> & {
  discounts?: { amount: number; offerId?: string; reason?: string }[];
};

/** Sells for one store, sale after sale. */
export class Checkout {
  readonly #store: PricingStore;
  readonly #random: () => number;
  #last: SaleInput | undefined;

  constructor(store: PricingStore, random: () => number = Math.random) {
    this.#store = store;
    this.#random = random;
  }

  ringUp(): SaleInput {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined && this.#random() < RETURNED) return this.#return(last);
    const sale = this.#sale();
    this.#last = sale;
    return sale;
  }

  #sale(): SaleInput {
    const lines = this.#quoted(this.#basket());
    const isStaff = this.#random() < STAFF;
    const sold = isStaff ? lines.map(withStaffDiscount) : lines;
    const total = sold.reduce((sum, line) => sum + netOf(line), 0);
    const [cash, card] = [{ type: 'cash' as const }, { type: 'card' as const }];
    return {
      ...this.#head(),
      total,
      lines: sold,
      taxes: taxesOf(sold),
      tenders: [{ ...(this.#random() < 0.4 ? cash : card), amount: total }],
    };
  }

  /** The first line of a sale comes back, for what was paid for it. */
  #return({ saleId, till, lines: [line] }: SaleInput): SaleInput {
    if (line === undefined) return this.#sale();
    const { sku, unit, unitPrice, quantity } = line;
    const paid = netOf(line as SoldLine);
    return {
      ...this.#head(),
      type: 'return',
      original: { saleId, till },
      total: -paid,
      lines: [
        { sku, ...(unit === undefined ? {} : { unit }), unitPrice, quantity: -quantity, amount: -paid },
      ],
      tenders: [{ type: 'cash', amount: -paid }],
    };
  }

  #head() {
    const till = String(1 + Math.floor(this.#random() * TILLS));
    return {
      saleId: randomUUID(),
      till,
      soldAt: new Date(this.#store.now()).toISOString(),
      currency: CURRENCY,
    };
  }

  #basket(): TaxedLine[] {
    const articles = Object.entries(ASSORTMENT);
    const chosen = articles.filter(() => this.#random() < 0.4);
    return (chosen.length > 0 ? chosen : articles.slice(0, 1)).map(([sku, { tax }]) => ({
      sku,
      tax,
      quantity: this.#isWeighed(sku)
        ? (100 + Math.floor(this.#random() * 1_400)) / 1_000
        : 1 + Math.floor(this.#random() * 4),
    }));
  }

  #quoted(basket: readonly TaxedLine[]): SoldLine[] {
    const { book } = this.#store;
    const at = this.#store.now();
    const price = (sku: string) => this.#priceOf(sku);
    return quote(basket, { at, timeZone: book.timeZone, price, offers: this.#store.offers() }).lines;
  }

  #isWeighed(sku: string): boolean {
    return this.#priceOf(sku)?.unit === 'KGM';
  }

  #priceOf(sku: string): BasketPrice | undefined {
    return this.#store.price({ sku, currency: CURRENCY }) ?? ASSORTMENT[sku]?.price;
  }
}

function withStaffDiscount(line: SoldLine): SoldLine {
  const amount = Math.round((netOf(line) * STAFF_PERCENT) / 100);
  return amount === 0
    ? line
    : { ...line, discounts: [...(line.discounts ?? []), { amount, reason: 'staff' }] };
}

/** Prices hold their tax. */
function taxesOf(lines: readonly SoldLine[]): NonNullable<SaleInput['taxes']> {
  return [...Map.groupBy(lines, ({ tax }) => tax)].map(([code, taxed]) => {
    const percent = PERCENT_BY_TAX[code] ?? 0;
    const gross = taxed.reduce((sum, line) => sum + netOf(line), 0);
    const base = Math.round((gross * 100) / (100 + percent));
    return { code, percent, base, amount: gross - base, included: true };
  });
}

function netOf({ amount, discounts = [] }: Pick<SoldLine, 'amount' | 'discounts'>): number {
  return amount - discounts.reduce((sum, discount) => sum + discount.amount, 0);
}
