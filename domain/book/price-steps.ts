/** Prices over time: from when until when each was, is and will be in force, and the lowest that was asked before. */
import { type PriceType, priceKey, type RetailPrice } from '../retail/price.ts';
import type { Period } from '../retail/validity.ts';
import { isLater, type Published } from './published.ts';

/** One price, in force without a break; milliseconds since the epoch, `until` not in it. */
export interface Step<P> extends Omit<Period, 'from'> {
  price: P;
  since: number;
}

export interface PriceInForce<P> extends Step<P> {
  /**
   * The lowest that anybody paid in its currency in the 30 days before the present price took effect: what EU law wants beside
   * a reduced price. Its own amount where there was none.
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
 */
export function inForceAt<P extends SteppedPrice>(
  prices: readonly P[],
  periodOf: PeriodOf<P>,
  at: number,
): PriceInForce<P>[] {
  return [...new Set(prices.map(priceKey))].flatMap(key => {
    const alike = prices.filter(price => priceKey(price) === key);
    const step = stepAt(stepsOf(alike, periodOf), at);
    return step === undefined ? [] : [{ ...step, lowest30Days: lowestBefore(step, prices, periodOf, at) }];
  });
}

/** The steps of what anybody pays where the prices are of several types: a promotional one comes before a regular one. */
export function stepsOf<P extends SteppedPrice>(prices: readonly P[], periodOf: PeriodOf<P>): Step<P>[] {
  const dated = prices.map(price => {
    const { from, until } = periodOf(price);
    return { price, since: Math.max(from, Date.parse(price.publishedAt)), until };
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

function lowestBefore<P extends SteppedPrice>(
  { price, since }: Step<P>,
  prices: readonly P[],
  periodOf: PeriodOf<P>,
  at: number,
): number {
  const paid = stepsOf(
    prices.filter(({ currency, priceType }) => currency === price.currency && priceType !== 'member'),
    periodOf,
  );
  const start = price.priceType === 'member' ? since : (stepAt(paid, at)?.since ?? since);
  const before = paid.filter(step => step.since < start && step.until > start - LOWEST_OF_MS);
  return before.length === 0 ? price.amount : Math.min(...before.map(step => step.price.amount));
}

const TYPES: Record<PriceType, number> = { regular: 0, member: 0, promotional: 1 };

function outranks<P extends SteppedPrice>(step: Step<P>, other: Step<P>): boolean {
  const type = TYPES[step.price.priceType ?? 'regular'] - TYPES[other.price.priceType ?? 'regular'];
  const difference = type === 0 ? step.since - other.since : type;
  return difference === 0 ? isLater(step.price, other.price) : difference > 0;
}
