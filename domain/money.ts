/** Money: an integer of minor units with an ISO 4217 currency; never a float. */
import * as v from 'valibot';

/** React Native and old WebViews have no list: there the form of a code has to do. */
const currencies = new Set((Intl as Partial<typeof Intl>).supportedValuesOf?.('currency'));

function isCurrency(code: string): boolean {
  return currencies.size === 0 ? /^[A-Z]{3}$/.test(code) : currencies.has(code);
}

/** An ISO 4217 code that this runtime knows. */
export const Currency = v.pipe(
  v.string('must be an ISO 4217 currency code'),
  v.check(isCurrency, 'must be an ISO 4217 currency code, such as EUR'),
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

/** ISO 4217's minor units where they are not 2. `Intl` knows others: it rounds as people do (no cents in HUF). */
const MINOR_UNITS: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};
const digitsByCurrency = new Map(
  Object.entries(MINOR_UNITS).flatMap(([digits, codes]) =>
    codes.split(' ').map(code => [code, Number(digits)]),
  ),
);

/** Decimal places of a currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorUnitDigits(currency: string): number {
  return digitsByCurrency.get(currency) ?? 2;
}

/** Minor units as people write them: `1.99`, with the currency's own decimal places. */
export function majorUnits(amount: number, currency: string): string {
  const places = minorUnitDigits(currency);
  return (amount / 10 ** places).toFixed(places);
}

/**
 * An amount as people write it (`1.99`) in minor units (`199`). Works on the digits, so nothing is rounded.
 *
 * @throws InvalidAmountError if the currency is none, or it is no plain decimal number or has too many places
 */
export function toMinorUnits(text: string, currency: string): number {
  if (!isCurrency(currency)) throw new InvalidAmountError(`'${currency}' is not an ISO 4217 currency code`);
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
