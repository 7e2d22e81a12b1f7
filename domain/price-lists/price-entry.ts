/** A price as somebody wrote it, in an argument or in a line of a file, checked by the domain's own rules. */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { InvalidAmountError, toMinorUnits } from '../money.ts';
import { gtinWarning } from '../retail/gtin.ts';
import { type RetailPrice, StrictRetailPrice } from '../retail/price.ts';
import type { Audience } from '../updates/channels.ts';

/** Undefined is every store; lists that are left out name nobody. */
export type GivenAudience = Partial<Audience> | undefined;

/** What a price says; amounts in major units, fields that are empty left out. */
export interface WrittenPrice {
  sku: string;
  amount: string;
  currency: string;
  priceType?: string | undefined;
  unit?: string | undefined;
  gtin?: string | undefined;
  name?: string | undefined;
}

/** From when until when: as an event says it. */
export interface WrittenTimes {
  validFrom?: string;
  validFromLocal?: string;
  validUntil?: string;
  validUntilLocal?: string;
}

export interface PriceEntry {
  price: RetailPrice;
  times: WrittenTimes;
  audience: GivenAudience;
  /** Where it stands: `line 3`, `argument A=1.99`. */
  place: string;
}

/** An entry that must not be published; the message names its place. */
export class PriceEntryError extends Error {
  override readonly name = 'PriceEntryError';
}

/** What a spreadsheet makes of a long number: `4.00638E+12`. */
const SCIENTIFIC = /^\d+([.,]\d+)?E\+?\d+$/i;

/** @throws PriceEntryError */
export function readPrice(written: WrittenPrice, place: string): RetailPrice {
  const { sku, gtin, amount, currency } = written;
  for (const [what, text] of Object.entries({ SKU: sku, GTIN: gtin, amount })) {
    if (text === undefined || !SCIENTIFIC.test(text)) continue;
    throw new PriceEntryError(
      `${place}: the ${what} '${text}' is a number that a spreadsheet has cut; format that column as text`,
    );
  }
  const parsed = v.safeParse(StrictRetailPrice, { ...written, amount: minorUnits(amount, currency, place) });
  if (!parsed.success) throw new PriceEntryError(`${place}: ${describeIssues(parsed.issues, 'price')}`);
  return parsed.output;
}

function minorUnits(amount: string, currency: string, place: string): number {
  try {
    return toMinorUnits(amount, currency);
  } catch (error) {
    if (!(error instanceof InvalidAmountError)) throw error;
    throw new PriceEntryError(`${place}: ${error.message}`, { cause: error });
  }
}

/** One line for all SKUs that look like GTINs and are none: a chain may have numbers of its own. */
export function gtinNote(entries: readonly PriceEntry[]): string | undefined {
  const odd = entries.flatMap(({ price: { sku }, place }) => {
    const warning = gtinWarning(sku);
    return warning === undefined ? [] : [`${place}: ${sku} ${warning}`];
  });
  if (odd.length === 0) return undefined;
  return odd.length === 1 ? odd[0] : `${odd[0]}; and ${odd.length - 1} more such SKUs`;
}
