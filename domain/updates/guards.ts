/** What an update must keep to, so that a slip of a finger does not reach a thousand stores: the chain's settings, and who breaks them. */
import * as v from 'valibot';
import { priceKey } from '../retail/price.ts';
import { RefusedEventError } from './published-events.ts';
import type { Update } from './update.ts';

const amount = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A rule that is left out holds for nothing. */
export const Guards = v.strictObject({
  /** Of a price against the one in force, up or down. */
  largestChangePercent: v.exactOptional(v.pipe(v.number(), v.gtValue(0))),
  /** Minor units, of any currency. */
  smallestAmount: v.exactOptional(amount),
  largestAmount: v.exactOptional(amount),
  /** Of all publishers together, in an hour of the clock. */
  updatesPerHour: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
});
export type Guards = v.InferOutput<typeof Guards>;

/** Which updates wait for a second person: none, those that break a guard, or all. */
export const APPROVALS = ['none', 'guarded', 'all'] as const;
export type Approval = (typeof APPROVALS)[number];

/** The update breaks guards, or waits for nobody who could approve it. */
export class GuardedEventError extends RefusedEventError {
  readonly reasons: readonly string[];
  constructor(reasons: readonly string[]) {
    super('Guarded', reasons.join('; '));
    this.reasons = reasons;
  }
}

const MOST_REASONS = 10;

/**
 * What speaks against the amounts of an update: a reason for each rule and price, with its figures.
 *
 * @param inForce amounts in force now at stores of its audience, by `priceKey`
 */
export function brokenGuards(
  update: Update,
  guards: Guards,
  inForce: ReadonlyMap<string, readonly number[]>,
): string[] {
  const reasons = amountsOf(update).flatMap(({ key, name, next }) => [
    ...brokenLimits(name, next, guards),
    ...brokenChange(name, next, inForce.get(key) ?? [], guards),
  ]);
  const rest = reasons.length - MOST_REASONS;
  return rest > 0 ? [...reasons.slice(0, MOST_REASONS), `and ${rest} more`] : reasons;
}

/** Prices, and what an offer makes the price. Other discounts are no amounts that a slip could make out of a price. */
function amountsOf(update: Update): { key: string; name: string; next: number }[] {
  if (update.kind === 'price.changed')
    return update.data.prices.map(price => {
      const key = priceKey(price);
      return { key, name: key, next: price.amount };
    });
  if (update.kind !== 'offer.published') return [];
  const { discount, offerId } = update.data;
  if (discount === undefined || !('price' in discount)) return [];
  return [{ key: '', name: `the offer ${offerId}`, next: discount.price }];
}

function brokenLimits(name: string, next: number, { largestAmount, smallestAmount }: Guards): string[] {
  return [
    ...(smallestAmount !== undefined && next < smallestAmount
      ? [`smallestAmount: ${name} at ${next} is less than ${smallestAmount}`]
      : []),
    ...(largestAmount !== undefined && next > largestAmount
      ? [`largestAmount: ${name} at ${next} is more than ${largestAmount}`]
      : []),
  ];
}

/** The largest change of those at the stores of the audience. What was free before has no percentage. */
function brokenChange(
  name: string,
  next: number,
  inForce: readonly number[],
  { largestChangePercent }: Guards,
): string[] {
  if (largestChangePercent === undefined) return [];
  const changes = inForce
    .filter(amount => amount > 0)
    .map(amount => ({ amount, percent: (100 * Math.abs(next - amount)) / amount }))
    .sort((a, b) => b.percent - a.percent);
  const [largest] = changes;
  if (largest === undefined || largest.percent <= largestChangePercent) return [];
  const percent = Math.round(10 * largest.percent) / 10;
  return [
    `largestChangePercent: ${name} from ${largest.amount} to ${next} is ${percent} %, more than ${largestChangePercent} %`,
  ];
}
