/**
 * Whether tills charge what their books list: each line of a sale that says what was `listed` for a unit at `soldAt` is
 * compared with it, before discounts, which name their offers. Lines that give money or goods back are not compared: they
 * go by the price of another day.
 */
import { type Exact, exactFromText, plus, scaled } from '../decimal.ts';
import { type JsonNumber, jsonNumber } from '../json.ts';
import { QUANTITY_PLACES } from '../retail/quantity.ts';
import type { Sale } from './sale.ts';
import { lineAmount } from './sale-amounts.ts';

/** Lines by how they compare, and by how many minor units in all. */
export interface AuditCounts {
  exact: number;
  over: number;
  under: number;
  /** Of lines that say nothing of a listed price. */
  unlisted: number;
  overAmount: Exact;
  underAmount: Exact;
}

/** As the HTTP API tells it. */
export interface AuditTotal {
  key: string;
  exact: number;
  over: number;
  under: number;
  unlisted: number;
  /** Minor units. */
  overAmount: JsonNumber;
  underAmount: JsonNumber;
  currency: string;
}

export const NOTHING: AuditCounts = {
  exact: 0,
  over: 0,
  under: 0,
  unlisted: 0,
  overAmount: 0,
  underAmount: 0,
};

type SaleLine = Sale['lines'][number];

/** The lines of a sale that are compared. */
export function auditedLines({ lines, type = 'sale' }: Sale): SaleLine[] {
  return type === 'sale' ? lines.filter(({ quantity }) => quantity > 0) : [];
}

/** How one line compares. A till may round what is weighed as it likes: less than a minor unit is exact. */
export function auditOf(line: SaleLine): AuditCounts {
  if (line.listed === undefined) return { ...NOTHING, unlisted: 1 };
  const factor = 10n ** BigInt(QUANTITY_PLACES);
  const listed = BigInt(line.listed) * BigInt(scaled(line.quantity, QUANTITY_PLACES) ?? 0);
  const difference = BigInt(lineAmount(line)) * factor - listed;
  const size = difference < 0n ? -difference : difference;
  if (size < factor) return { ...NOTHING, exact: 1 };
  const amount = exactFromText(String((size + factor / 2n) / factor));
  return difference > 0n
    ? { ...NOTHING, over: 1, overAmount: amount }
    : { ...NOTHING, under: 1, underAmount: amount };
}

export function addCounts(one: AuditCounts, other: AuditCounts): AuditCounts {
  return {
    exact: one.exact + other.exact,
    over: one.over + other.over,
    under: one.under + other.under,
    unlisted: one.unlisted + other.unlisted,
    overAmount: plus(one.overAmount, other.overAmount),
    underAmount: plus(one.underAmount, other.underAmount),
  };
}

/** What inspectors ask for is 98 % exact; of fewer lines one would be too many. */
export const MOST_WRONG_PERCENT = 2;
const FEWEST_LINES = 50;

/** Whether somebody has to look: too many of these lines were charged at another price than was listed. */
export function isOffPrice({ exact, over, under }: Pick<AuditCounts, 'exact' | 'over' | 'under'>): boolean {
  const listed = exact + over + under;
  return listed >= FEWEST_LINES && (over + under) * 100 > listed * MOST_WRONG_PERCENT;
}

/** `28` for 28 exact lines, `27:1:0:0:20` where one was 20 over: zeros at the end are left out. */
export function encodeCounts({ exact, over, overAmount, under, underAmount, unlisted }: AuditCounts): string {
  return [exact, over, under, unlisted, overAmount, underAmount].join(':').replace(/(:0)+$/, '');
}

export function decodeCounts(text: string): AuditCounts {
  const [exact = '0', over = '0', under = '0', unlisted = '0', overAmount = '0', underAmount = '0'] =
    text.split(':');
  return {
    exact: Number(exact),
    over: Number(over),
    under: Number(under),
    unlisted: Number(unlisted),
    overAmount: exactFromText(overAmount),
    underAmount: exactFromText(underAmount),
  };
}

/** Counts by key and currency. Their text is kept of a whole hour: `EUR 0417 28;CHF 0412 27:1:0:0:20`. */
export class AuditTotals {
  readonly #counts = new Map<string, Map<string, AuditCounts>>();

  add(key: string, currency: string, counts: AuditCounts): void {
    const own = this.#counts.get(currency) ?? new Map<string, AuditCounts>();
    own.set(key, addCounts(own.get(key) ?? NOTHING, counts));
    this.#counts.set(currency, own);
  }

  /**
   * Adds what `encode` wrote.
   *
   * @param keyOf another key for each; undefined leaves it out
   */
  addEncoded(text: string, keyOf: (key: string) => string | undefined = key => key): void {
    if (text === '') return;
    for (const part of text.split(';')) {
      const [currency = '', ...tokens] = part.split(' ');
      for (let index = 0; index < tokens.length; index += 2) {
        const key = keyOf(tokens[index] ?? '');
        if (key !== undefined) this.add(key, currency, decodeCounts(tokens[index + 1] ?? ''));
      }
    }
  }

  encode(): string {
    return [...this.#counts]
      .map(([currency, own]) =>
        [currency, ...[...own].map(([key, counts]) => `${key} ${encodeCounts(counts)}`)].join(' '),
      )
      .join(';');
  }

  /** In the order of key and currency. */
  list(): AuditTotal[] {
    const all = [...this.#counts].flatMap(([currency, own]) =>
      [...own].map(([key, counts]) => ({
        key,
        ...counts,
        overAmount: jsonNumber(String(counts.overAmount)),
        underAmount: jsonNumber(String(counts.underAmount)),
        currency,
      })),
    );
    return all.sort((a, b) => (auditIdOf(a) < auditIdOf(b) ? -1 : 1));
  }
}

/** Tells a total from all others of its list. */
export function auditIdOf({ key, currency }: Pick<AuditTotal, 'key' | 'currency'>): string {
  return `${key} ${currency}`;
}
