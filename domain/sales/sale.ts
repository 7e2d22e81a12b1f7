/**
 * What a store sold. Each sale counts once, by its store, its till, its `saleId` and the minute of its `soldAt`. Its shape is in
 * sale-schema.ts, its arithmetic in sale-amounts.ts.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { canonicalJson, jsonCopy, NotJsonError } from '../json.ts';
import { InexactAmountError, type SaleSums, sumsOf } from './sale-amounts.ts';
import { SaleSchema } from './sale-schema.ts';

/** A sale as the chain keeps it: as it was sent, unknown fields too, but for `soldAt`, which is in UTC with milliseconds. */
export type Sale = v.InferOutput<typeof SaleSchema>;
/** A sale as a store writes it. */
export type SaleInput = v.InferInput<typeof SaleSchema>;

/** Sales that one frame may carry; they must also fit its 32 KB. */
export const MAX_SALES = 50;
/** A till's clock may be ahead by so much. */
export const MAX_AHEAD_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
/** Older sales are refused unless the caller says otherwise: a till whose clock was reset to 1970 is wrong, not late. */
export const MAX_AGE_MS = 400 * DAY_MS;

export type SaleRefusalCode =
  | 'invalid_sale'
  | 'total_mismatch'
  | 'sold_in_future'
  | 'minute_full'
  | 'sale_id_taken';

/** A sale that is not taken, now or later; the others of its frame are. */
export interface RefusedSale {
  /** As it was sent; null where it had none. */
  saleId: string | null;
  code: SaleRefusalCode;
  message: string;
}

/**
 * The sale in this value, or why it is none.
 *
 * @param now milliseconds since the epoch; `Infinity` leaves `soldAt` to somebody who knows the time
 * @param maxAgeMs how old a sale may be
 */
export function checkSale(
  value: unknown,
  now: number,
  maxAgeMs = MAX_AGE_MS,
): { sale: Sale } | { refused: RefusedSale } {
  const refuse = (code: SaleRefusalCode, message: string) => ({
    refused: { saleId: saleIdOf(value), code, message },
  });
  try {
    const copy = jsonCopy(value);
    const parsed = v.safeParse(SaleSchema, copy);
    if (!parsed.success) return refuse('invalid_sale', describeIssues(parsed.issues, 'sale'));
    const { soldAt, total } = parsed.output;
    const sale = { ...(copy as Sale), soldAt };
    const unknownTax = placeOfUnknownTax(sale);
    if (unknownTax !== undefined) return refuse('invalid_sale', `${unknownTax}: is no code of taxes`);
    const sums = sumsOf(sale);
    if (sums.total !== total) return refuse('total_mismatch', `total is ${total}, ${described(sums)}`);
    const time = Date.parse(soldAt);
    if (time > now + MAX_AHEAD_MS) {
      return refuse('sold_in_future', `soldAt ${soldAt} is more than 15 minutes ahead`);
    }
    if (Number.isFinite(now) && time < now - maxAgeMs) {
      return refuse(
        'invalid_sale',
        `soldAt: ${soldAt} is more than ${Math.floor(maxAgeMs / DAY_MS)} days ago`,
      );
    }
    return { sale };
  } catch (error) {
    if (error instanceof InexactAmountError)
      return refuse('invalid_sale', `${error.place}: ${error.message}`);
    if (error instanceof NotJsonError) return refuse('invalid_sale', `sale: ${error.message}`);
    throw error;
  }
}

/** What tells a sale from all others of its store's minute. */
export function saleKey({ till, saleId }: Pick<Sale, 'till' | 'saleId'>): string {
  // Names hold no slash.
  return till === undefined ? saleId : `${till}/${saleId}`;
}

/**
 * A text that is the same for the same content, whatever the order of its keys: tells a repeated sale from another one of the same
 * name. It is as long as the sale.
 */
export function fingerprintOf(sale: Sale): string {
  return canonicalJson(sale);
}

/** The minute of a sale, by which it is kept and counted: `2026-11-22T10:03Z`. */
export function minuteOf(soldAt: string): string {
  return `${soldAt.slice(0, 16)}Z`;
}

function described({ lines, discounts, taxes, rounding, total }: SaleSums): string {
  const parts = [
    ...(discounts === 0 ? [] : [` - discounts ${discounts}`]),
    ...(taxes === 0 ? [] : [` + taxes ${taxes}`]),
    ...(rounding === 0 ? [] : [` + rounding ${rounding}`]),
  ];
  return parts.length === 0
    ? `the lines add up to ${total}`
    : `but lines ${lines}${parts.join('')} is ${total}`;
}

/** Where the sale lists its taxes, a line names one of them. */
function placeOfUnknownTax({ lines, taxes }: Sale): string | undefined {
  if (taxes === undefined) return undefined;
  const codes = new Set(taxes.map(({ code }) => code));
  const index = lines.findIndex(({ tax }) => tax !== undefined && !codes.has(tax));
  return index < 0 ? undefined : `lines.${index}.tax`;
}

function saleIdOf(value: unknown): string | null {
  const { saleId } = (typeof value === 'object' && value !== null ? value : {}) as { saleId?: unknown };
  return typeof saleId === 'string' ? saleId.slice(0, 64) : null;
}
