/** A price as somebody wrote it, in an argument or in a line of a file. */
import { InvalidAmountError, toMinorUnits } from '../../domain/money.ts';
import { gtinWarning } from '../../domain/retail/gtin.ts';
import type { RetailPrice } from '../../domain/retail/price.ts';

export interface PriceEntry extends RetailPrice {
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
export function priceEntry(sku: string, amount: string, currency: string, place: string): PriceEntry {
  if (SCIENTIFIC.test(sku)) {
    throw new PriceEntryError(
      `${place}: the SKU '${sku}' is a number that a spreadsheet has cut; format that column as text`,
    );
  }
  try {
    return { sku, amount: toMinorUnits(amount, currency), currency, place };
  } catch (error) {
    if (!(error instanceof InvalidAmountError)) throw error;
    throw new PriceEntryError(`${place}: ${error.message}`, { cause: error });
  }
}

/** Two prices of one SKU contradict each other, and which wins would be chance. @throws PriceEntryError */
export function refuseRepeated(entries: readonly PriceEntry[]): void {
  const places = new Map<string, string>();
  for (const { sku, place } of entries) {
    const first = places.get(sku);
    if (first !== undefined) throw new PriceEntryError(`SKU ${sku} is priced twice: ${first} and ${place}`);
    places.set(sku, place);
  }
}

/** One line for all SKUs that look like GTINs and are none: a chain may have numbers of its own. */
export function gtinNote(entries: readonly PriceEntry[]): string | undefined {
  const odd = entries.flatMap(({ sku, place }) => {
    const warning = gtinWarning(sku);
    return warning === undefined ? [] : [`${place}: ${sku} ${warning}`];
  });
  if (odd.length === 0) return undefined;
  return odd.length === 1 ? odd[0] : `${odd[0]}; and ${odd.length - 1} more such SKUs`;
}
