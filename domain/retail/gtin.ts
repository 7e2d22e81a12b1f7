/**
 * Global Trade Item Numbers. GTIN-8, -12 (UPC), -13 (EAN) and -14 are one number space of 14 digits, filled with zeros from the
 * left (GS1 General Specifications), so the same article has the same 14 digits however a label or a file writes it.
 */
import * as v from 'valibot';

const DIGITS = /^\d{8,14}$/;
/** The lengths that GS1 gives out; others have lost leading zeros to a spreadsheet. */
const LENGTHS = [8, 12, 13, 14];

/** 8 to 14 digits, the last of them the right check digit; kept as it is written. */
export const Gtin = v.pipe(
  v.string('must be a string of 8 to 14 digits'),
  v.regex(DIGITS, 'must be 8 to 14 digits'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed && DIGITS.test(dataset.value) && !isRight(dataset.value)) {
      addIssue({ message: wrongCheckDigit(dataset.value) });
    }
  }),
);

/** The 14 digits by which articles compare; undefined if it is no GTIN. */
export function gtin14(gtin: string): string | undefined {
  return DIGITS.test(gtin) && isRight(gtin) ? gtin.padStart(14, '0') : undefined;
}

/** The digit that must follow these (all but the last of a GTIN): weights 3 and 1 by turns, 3 for the last. */
export function checkDigit(digits: string): number {
  const sum = [...digits]
    .reverse()
    .reduce((all, digit, index) => all + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}

/**
 * What is odd about a SKU that has a GTIN's length: a warning for a price file, since it may be a number of the chain's own.
 *
 * @returns undefined if it is no such number, or its check digit is right
 */
export function gtinWarning(sku: string): string | undefined {
  const looksLikeGtin = DIGITS.test(sku) && LENGTHS.includes(sku.length);
  return looksLikeGtin && !isRight(sku) ? `looks like a GTIN, but ${wrongCheckDigit(sku)}` : undefined;
}

function isRight(gtin: string): boolean {
  return checkDigit(gtin.slice(0, -1)) === Number(gtin.at(-1));
}

function wrongCheckDigit(gtin: string): string {
  return `the check digit of ${gtin} must be ${checkDigit(gtin.slice(0, -1))}, not ${gtin.at(-1)}`;
}
