/** Sales as a till sends them, and what is said of them. */
import { checkSale, type RefusedSale, type Sale } from '../../../domain/sales/sale.ts';
import { ringUp } from '../till.ts';

export const NOW = Date.parse('2024-03-01T08:00:00.000Z');
export const LARGEST = Number.MAX_SAFE_INTEGER;
export const good = ringUp('S1');
export const [line] = good.lines;
export const tax = { code: 'A', percent: 19, base: 334, amount: 64, included: true };

export const withLine = (change: object) => ({ ...good, lines: [line, { ...line, ...change }] });

/** The sale, which must be taken. */
export function taken(value: unknown, now = NOW): Sale {
  const checked = checkSale(value, now);
  if ('refused' in checked) throw new Error(`refused: ${checked.refused.message}`);
  return checked.sale;
}

/** Why a sale is refused, which must be. */
export function refusal(value: unknown, now = NOW): RefusedSale {
  const checked = checkSale(value, now);
  if ('sale' in checked) throw new Error(`taken: ${JSON.stringify(checked.sale)}`);
  return checked.refused;
}
