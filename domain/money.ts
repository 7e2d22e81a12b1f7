/** Money: an integer of minor units with an ISO 4217 currency; never a float. */
import * as v from 'valibot';

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** An ISO 4217 code that this runtime knows. */
export const Currency = v.pipe(
  v.string('must be an ISO 4217 currency code'),
  v.check(code => currencies.has(code), 'must be an ISO 4217 currency code, such as EUR'),
);

/** A price in minor units: an integer from 0 up to what a double holds exactly. */
export const Amount = v.pipe(
  v.number('must be an integer of minor units'),
  v.safeInteger('must be an integer of minor units'),
  v.minValue(0, 'must not be negative'),
);

export class InvalidAmountError extends Error {
  override readonly name = 'InvalidAmountError';
}

/** Decimal places of a currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorUnitDigits(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 0;
}

/**
 * An amount as people write it (`1.99`) in minor units (`199`). Works on the digits, so nothing is rounded.
 *
 * @throws InvalidAmountError if it is no plain decimal number or has more places than the currency
 */
export function toMinorUnits(text: string, currency: string): number {
  const places = minorUnitDigits(currency);
  const [, units, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (units === undefined) throw new InvalidAmountError(`'${text}' is not an amount such as 1.99`);
  if (fraction.length > places) {
    throw new InvalidAmountError(`'${text}' has more than the ${places} decimal places of ${currency}`);
  }
  const amount = Number(units + fraction.padEnd(places, '0'));
  if (!Number.isSafeInteger(amount)) throw new InvalidAmountError(`'${text}' is too large`);
  return amount;
}
