/** Prices over time: from when until when each was, is and will be in force, and the lowest that was asked before. */
import { type PriceType, priceKey, type RetailPrice } from '../retail/price.ts';
import { effectiveTime, type Period } from '../retail/validity.ts';
import { isLater, type Published } from './published.ts';

/** An amount that anybody paid, until when in milliseconds since the epoch, and by which update. */
export type PaidAmount = [amount: number, until: number, update: string];

/** One price, in force without a break; milliseconds since the epoch, `until` not in it. */
export interface Step<P> extends Omit<Period, 'from'> {
  price: P;
  since: number;
}

export interface PriceInForce<P> extends Step<P> {
  /**
   * The lowest that anybody paid in its currency in the 30 days before what anybody pays at that moment took effect: what EU law
   * wants beside a reduced price. Where nobody paid anything before, what anybody pays then.
   */
  lowest30Days: number;
}

type SteppedPrice = RetailPrice & Published;
type PeriodOf<P> = (price: P) => Period;

const LOWEST_OF_MS = 30 * 86_400_000;

/**
 * What is in force at a moment: one price for each currency and type.
 *
 * @param prices all of one SKU, once each
 * @param periodOf when a price holds in the store
 * @param forgotten what was paid before, where that is no longer among the prices
 */
export function inForceAt<P extends SteppedPrice>(
  prices: readonly P[],
  periodOf: PeriodOf<P>,
  at: number,
  forgotten: (currency: string) => readonly PaidAmount[] = () => [],
): PriceInForce<P>[] {
  return [...new Set(prices.map(priceKey))].flatMap(key => {
    const alike = prices.filter(price => priceKey(price) === key);
    const step = stepAt(stepsOf(alike, periodOf), at);
    if (step === undefined) return [];
    const { currency } = step.price;
    const ofCurrency = prices.filter(price => price.currency === currency);
    const lowest = lowestBefore(publicSteps(ofCurrency, periodOf), forgotten(currency), at);
    return [{ ...step, lowest30Days: lowest ?? step.price.amount }];
  });
}

/** What anybody pays, over time. @param prices all of one SKU and currency */
export function publicSteps<P extends SteppedPrice>(prices: readonly P[], periodOf: PeriodOf<P>): Step<P>[] {
  return stepsOf(
    prices.filter(({ priceType }) => priceType !== 'member'),
    periodOf,
  );
}

/** Of several types, what anybody pays: a promotional price comes before a regular one. */
function stepsOf<P extends SteppedPrice>(prices: readonly P[], periodOf: PeriodOf<P>): Step<P>[] {
  const dated = prices.map(price => {
    const { from, until } = periodOf(price);
    return { price, since: effectiveTime(price, from), until };
  });
  const times = [...new Set(dated.flatMap(({ since, until }) => [since, until]))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const steps: Step<P>[] = [];
  for (const [index, since] of times.entries()) {
    const winner = dated
      .filter(other => isIn(other, since))
      .reduce<Step<P> | undefined>(
        (best, other) => (best && outranks(best, other) ? best : other),
        undefined,
      );
    if (winner === undefined) continue;
    const until = times[index + 1] ?? Number.POSITIVE_INFINITY;
    const last = steps.at(-1);
    if (last?.price === winner.price && last.until === since) last.until = until;
    else steps.push({ price: winner.price, since, until });
  }
  return steps;
}

function stepAt<P>(steps: readonly Step<P>[], at: number): Step<P> | undefined {
  return steps.find(step => isIn(step, at));
}

function isIn({ since, until }: Step<unknown>, at: number): boolean {
  return since <= at && at < until;
}

/** Undefined where nobody pays anything, nor did before. */
function lowestBefore<P extends SteppedPrice>(
  paid: readonly Step<P>[],
  forgotten: readonly PaidAmount[],
  at: number,
): number | undefined {
  const present = stepAt(paid, at);
  const past = forgotten.map(([amount, until]) => ({ amount, until })).filter(({ until }) => until <= at);
  // Until then all is told by what is forgotten.
  const told = Math.max(Number.NEGATIVE_INFINITY, ...past.map(({ until }) => until));
  const since = Math.max(present?.since ?? at, told);
  const before = [
    ...past.filter(({ until }) => until > since - LOWEST_OF_MS),
    ...paid
      .filter(step => Math.max(step.since, told) < since && step.until > Math.max(told, since - LOWEST_OF_MS))
      .map(({ price }) => price),
  ];
  return before.length === 0 ? present?.price.amount : Math.min(...before.map(({ amount }) => amount));
}

const TYPES: Record<PriceType, number> = { regular: 0, member: 0, promotional: 1 };

function outranks<P extends SteppedPrice>(step: Step<P>, other: Step<P>): boolean {
  const type = TYPES[step.price.priceType ?? 'regular'] - TYPES[other.price.priceType ?? 'regular'];
  const difference = type === 0 ? step.since - other.since : type;
  return difference === 0 ? isLater(step.price, other.price) : difference > 0;
}
