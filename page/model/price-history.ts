/** What an article cost in a store over time, step by step, as the chain tells it moment by moment. */
import type { StorePrice } from '../../domain/protocol/trust-answers.ts';

/** Tells a price from all others that are in force beside it. */
export type PriceId = Pick<StorePrice, 'sku' | 'currency' | 'priceType'>;

export interface PriceHistory {
  /** The oldest first; what is to come is in it. */
  steps: readonly StorePrice[];
  /** Why it goes no further back. */
  end: 'kept' | 'nothing' | 'many';
}

/** The chain answers no earlier moment. */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** A request each. */
const MOST_STEPS = 40;

/** @param pricesAt what is in force at a moment, in milliseconds; @param now the chain's time */
export async function priceHistory(
  price: StorePrice,
  pricesAt: (at: number) => Promise<readonly StorePrice[]>,
  now: number,
): Promise<PriceHistory> {
  const find = async (at: number) => (await pricesAt(at)).find(other => isSame(other, price));
  const steps = [price];
  const oldest = now - KEPT_DAYS * DAY_MS;
  let end: PriceHistory['end'] = 'many';
  while (steps.length < MOST_STEPS) {
    const before = Date.parse(steps[0]?.since ?? '') - 1;
    // A minute for the way to the chain and the clocks.
    const step = before < oldest + 60_000 ? undefined : await find(before);
    if (step === undefined) {
      end = before < oldest + 60_000 ? 'kept' : 'nothing';
      break;
    }
    steps.unshift(step);
  }
  for (let next = steps.at(-1); next?.until != null && steps.length < MOST_STEPS; next = steps.at(-1)) {
    const step = await find(Date.parse(next.until));
    if (step === undefined) break;
    steps.push(step);
  }
  return { steps, end };
}

function isSame(one: PriceId, other: PriceId): boolean {
  return one.sku === other.sku && one.currency === other.currency && one.priceType === other.priceType;
}

/** A line of steps in a box of `width` and `height`; a corner each, from the oldest to the latest. */
export interface StepLine {
  /** As a path of SVG. */
  path: string;
  /** Where now is. */
  nowX: number;
  lowest: number;
  highest: number;
}

/** @param box of the drawing, in its own units; @param now the chain's time */
export function stepLine(
  steps: readonly StorePrice[],
  box: { width: number; height: number },
  now: number,
): StepLine {
  const amounts = steps.map(({ amount }) => amount);
  const [lowest, highest] = [Math.min(...amounts), Math.max(...amounts)];
  const starts = steps.map(({ since }) => Date.parse(since));
  const from = Math.max(starts[0] ?? now, now - KEPT_DAYS * DAY_MS);
  const last = steps.at(-1);
  const isToCome = (starts.at(-1) ?? now) > now;
  // What is to come is drawn for as long as an eighth of what was.
  const to = isToCome ? (starts.at(-1) ?? now) + (now - from) / 8 : now;
  const until = last?.until == null ? to : Math.min(Date.parse(last.until), to);
  const x = (at: number) => round(((Math.max(at, from) - from) / Math.max(to - from, 1)) * box.width);
  const y = (amount: number) =>
    round(highest === lowest ? box.height / 2 : ((highest - amount) / (highest - lowest)) * box.height);
  const path = steps.map(({ amount }, index) => {
    const right = starts[index + 1] ?? until;
    return `${index === 0 ? 'M' : 'L'}${x(starts[index] ?? from)} ${y(amount)}H${x(right)}`;
  });
  return { path: path.join(''), nowX: x(now), lowest, highest };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
