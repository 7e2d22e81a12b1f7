/**
 * Exact arithmetic on decimals as JSON brings them: a number with a few decimals becomes an integer of its smallest part
 * (0.482 kg is 482 g), and only integers are added and multiplied. A double holds integers up to 2^53; past it they are bigints.
 */

/** An integer: a number where a double holds it exactly, else a bigint. */
export type Exact = number | bigint;

/**
 * A decimal times 10^places: 0.482 with three places is 482.
 *
 * @returns undefined if it has more decimals, or none that a double could tell apart
 */
export function scaled(value: number, places: number): Exact | undefined {
  const factor = 10 ** places;
  const product = Math.round(value * factor);
  // The division is correctly rounded: it gives the value back only if that is the double nearest to the decimal.
  if (Number.isSafeInteger(product)) return product / factor === value ? product + 0 : undefined;
  return Number.isSafeInteger(value) ? BigInt(value) * BigInt(factor) : undefined;
}

export function plus(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return narrowed(BigInt(a) + BigInt(b));
}

/** The integer as a number where a double holds it. */
export function narrowed(value: bigint): Exact {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** `1.5` for 1500 with three places: no more decimals than it takes. */
export function decimalText(value: Exact, places: number): string {
  const sign = value < 0 ? '-' : '';
  const digits = String(value)
    .replace('-', '')
    .padStart(places + 1, '0');
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${sign}${digits.slice(0, digits.length - places)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Reads what `decimalText` wrote. */
export function scaledFromText(text: string, places: number): Exact {
  const [whole = '', fraction = ''] = text.split('.');
  return exactFromText(whole + fraction.padEnd(places, '0'));
}

/** Reads an integer's digits. */
export function exactFromText(text: string): Exact {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** A quotient rounded to the nearest integer, half up. The dividend is not negative, the divisor is above 0. */
export function dividedHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}
