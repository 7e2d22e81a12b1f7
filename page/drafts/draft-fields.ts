/** What people write into the fields of a form, read. */
import { InvalidAmountError, toMinorUnits } from '../../domain/money.ts';
import { plainAmount } from '../../domain/price-lists/written-amount.ts';

/** What is wrong with a field of a form, and what to change. */
export interface Problem {
  /** The field's name in the draft, such as `prices.0.amount`; undefined where it is the whole. */
  field: string | undefined;
  message: string;
}

/** A form that can't be published as it is; the message says all that is to change. */
export class DraftError extends Error {
  override readonly name = 'DraftError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join(' '), options);
    this.problems = problems;
  }
}

/** @param field the name of the field that it stands in @throws DraftError that quotes it as it was typed */
export function minorUnits(text: string, currency: string, field: string): number {
  const plain = plainAmount(text);
  try {
    return toMinorUnits(plain, currency);
  } catch (error) {
    if (!(error instanceof InvalidAmountError)) throw error;
    const isAboutCurrency = error.message.startsWith(`'${currency}'`) && plain !== currency;
    const reason = error.message.replace(`'${plain}'`, () => `'${text.trim()}'`);
    const message = plain === '' ? 'Enter an amount, such as 1.99.' : `${reason}.`;
    throw new DraftError([{ field: isAboutCurrency ? 'currency' : field, message }], { cause: error });
  }
}

/** Reads both parts of a form, and tells of all that is wrong. @throws DraftError */
export function readBoth<A, B>(one: () => A, other: () => B): [A, B] {
  return readEach([one, other] as (() => A | B)[], read => read()) as [A, B];
}

/** Reads several fields, and tells of all that are wrong. @throws DraftError */
export function readEach<T, R>(items: readonly T[], read: (item: T) => R): R[] {
  const problems: Problem[] = [];
  const answers = items.flatMap(item => {
    try {
      return [read(item)];
    } catch (error) {
      if (!(error instanceof DraftError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new DraftError(problems);
  return answers;
}

/** NaN for what is no number: the chain's own rules say what is wrong with it. */
export function numberOf(text: string): number {
  return Number(text.trim().replace(',', '.') || Number.NaN);
}

export function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter(word => word !== '');
}
