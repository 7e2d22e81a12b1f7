/** A price's history, asked for moment by moment. */
import { expect, it } from 'vitest';
import type { StorePrice } from '../../../domain/protocol/trust-answers.ts';
import { priceHistory, stepLine } from '../../../page/model/price-history.ts';

const DAY_MS = 86_400_000;
const now = Date.parse('2026-12-01T12:00:00Z');

/** @param from and @param until in days from now; undefined where nobody has said */
function price(amount: number, from: number, until: number | undefined, sku = 'A'): StorePrice {
  const at = (days: number) => new Date(now + days * DAY_MS).toISOString();
  const common = { currency: 'EUR', priceType: 'regular', updateId: `u${amount}`, channel: 'all' } as const;
  return {
    ...common,
    ...{ sku, amount, lowest30Days: amount },
    since: at(from),
    until: until === undefined ? null : at(until),
  };
}

/** A chain that has these prices, and answers of the last 30 days alone. */
function historyOf(prices: readonly StorePrice[]) {
  const isIn = ({ since, until }: StorePrice, at: number) =>
    Date.parse(since) <= at && (until === null || Date.parse(until) > at);
  const pricesAt = async (at: number) => {
    if (at < now - 30 * DAY_MS) throw new Error('past prices are kept for 30 days');
    return prices.filter(one => isIn(one, at));
  };
  const current = prices.find(one => one.sku === 'A' && isIn(one, now));
  if (current === undefined) throw new Error('no price is in force');
  return priceHistory(current, pricesAt, now);
}

it('goes back step by step until what is kept ends, and on to what is to come', async () => {
  const steps = [price(100, -40, -20), price(120, -20, -3), price(90, -3, 2), price(110, 2, undefined)];
  const history = await historyOf([price(5, -40, undefined, 'B'), ...steps]);
  expect(history).toEqual({ steps, end: 'kept' });
});

it('ends where none was in force before', async () => {
  const steps = [price(120, -5, -3), price(90, -3, undefined)];
  expect(await historyOf([price(100, -20, -10), ...steps])).toEqual({ steps, end: 'nothing' });
});

it('goes on through what ends with nothing after it', async () => {
  const steps = [price(90, -3, 2)];
  expect(await historyOf(steps)).toEqual({ steps, end: 'nothing' });
});

it('is drawn as steps over the last 30 days, and what is to come past now', () => {
  const box = { width: 90, height: 10 };
  const past = [price(100, -40, -15), price(120, -15, undefined)];
  expect(stepLine(past, box, now)).toEqual({ path: 'M0 10H45L45 0H90', nowX: 90, lowest: 100, highest: 120 });
  const coming = [price(100, -30, 10), price(50, 10, undefined)];
  expect(stepLine(coming, box, now)).toMatchObject({ path: 'M0 0H82.3L82.3 10H90', nowX: 61.7 });
});

it('of a price that never changed is a line in the middle', () => {
  expect(stepLine([price(100, -40, undefined)], { width: 90, height: 10 }, now).path).toBe('M0 5H90');
});
