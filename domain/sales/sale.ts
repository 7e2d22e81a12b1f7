/** What a store sold. Each sale counts once, by its store, its `saleId` and the minute of its `soldAt`. */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';
import { Timestamp } from '../time.ts';

const Line = v.strictObject({
  sku: Name,
  /** Pieces; negative for what came back. */
  quantity: v.pipe(
    v.number('must be a whole number'),
    v.safeInteger('must be a whole number'),
    v.check(quantity => quantity !== 0, 'must not be 0'),
  ),
  unitPrice: Amount,
});

const Sale = v.strictObject({
  saleId: Name,
  soldAt: Timestamp,
  currency: Currency,
  /** Minor units: what the lines add up to. */
  total: v.pipe(
    v.number('must be an integer of minor units'),
    v.safeInteger('must be an integer of minor units'),
  ),
  lines: v.pipe(v.array(Line), v.minLength(1, 'must hold at least one line')),
});

/** A sale as the chain keeps it. */
export type Sale = v.InferOutput<typeof Sale>;
/** A sale as a store writes it. */
export type SaleInput = v.InferInput<typeof Sale>;

/** Sales that one frame may carry; they must also fit its 32 KB. */
export const MAX_SALES = 50;
/** A till's clock may be ahead by so much. */
export const MAX_AHEAD_MS = 15 * 60_000;

export type SaleRefusalCode = 'invalid_sale' | 'total_mismatch' | 'sold_in_future' | 'minute_full';

/** A sale that is not taken, now or later; the others of its frame are. */
export interface RefusedSale {
  /** As it was sent; null where it had none. */
  saleId: string | null;
  code: SaleRefusalCode;
  message: string;
}

/** @param now milliseconds since the epoch */
export function checkSale(value: unknown, now: number): { sale: Sale } | { refused: RefusedSale } {
  const parsed = v.safeParse(Sale, value);
  const refuse = (code: SaleRefusalCode, message: string) => ({
    refused: { saleId: saleIdOf(value), code, message },
  });
  if (!parsed.success) return refuse('invalid_sale', describeIssues(parsed.issues, 'sale'));
  const sale = parsed.output;
  const sum = sumOf(sale);
  if (sum === undefined) return refuse('invalid_sale', 'lines: too large to be added up');
  if (sum !== sale.total)
    return refuse('total_mismatch', `total is ${sale.total}, the lines add up to ${sum}`);
  if (Date.parse(sale.soldAt) > now + MAX_AHEAD_MS) {
    return refuse('sold_in_future', `soldAt ${sale.soldAt} is more than 15 minutes ahead`);
  }
  return { sale };
}

/** What the lines add up to; undefined where a step on the way is past what a double holds exactly. */
function sumOf({ lines }: Sale): number | undefined {
  let sum = 0;
  for (const { quantity, unitPrice } of lines) {
    sum += quantity * unitPrice;
    if (!Number.isSafeInteger(quantity * unitPrice) || !Number.isSafeInteger(sum)) return undefined;
  }
  return sum;
}

function saleIdOf(value: unknown): string | null {
  const { saleId } = (typeof value === 'object' && value !== null ? value : {}) as { saleId?: unknown };
  return typeof saleId === 'string' ? saleId.slice(0, 64) : null;
}

/** The minute of a sale, by which it is kept and counted: `2026-11-22T10:03Z`. */
export function minuteOf(soldAt: string): string {
  return `${soldAt.slice(0, 16)}Z`;
}
