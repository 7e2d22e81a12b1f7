/** What people write into the fields of a form, read. */
import { InvalidAmountError, toMinorUnits } from '../../domain/money.ts';

/** A form that can't be published as it is; the message says what to change. */
export class DraftError extends Error {
  override readonly name = 'DraftError';
}

/** @throws DraftError */
export function minorUnits(text: string, currency: string): number {
  try {
    return toMinorUnits(text.trim().replace(',', '.'), currency);
  } catch (error) {
    if (!(error instanceof InvalidAmountError)) throw error;
    throw new DraftError(text.trim() === '' ? 'Enter an amount, such as 1.99.' : `${error.message}.`, {
      cause: error,
    });
  }
}

/** NaN for what is no number: the chain's own rules say what is wrong with it. */
export function numberOf(text: string): number {
  return Number(text.trim().replace(',', '.') || Number.NaN);
}

export function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter(word => word !== '');
}

/** The property of a validity: on this device's clock, or on each store's. */
export function time(
  side: 'validFrom' | 'validUntil',
  written: string,
  isLocal = false,
): Record<string, string> {
  if (written === '') return {};
  return isLocal ? { [`${side}Local`]: written } : { [side]: new Date(written).toISOString() };
}
