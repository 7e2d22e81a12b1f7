import { describe, expect, it } from 'vitest';
import type { Absence } from '../../bench/jitter/cut-network.ts';
import { cutsOf, OFFLINE_MS } from '../../bench/jitter/offline-windows.ts';
import {
  backAfter,
  countsOf,
  type PublishedUpdate,
  percentile,
  redialsOf,
  replaysOf,
  type Trial,
} from '../../bench/jitter/trial-counts.ts';

const price = (number: number, sentAt: number): PublishedUpdate => ({ number, sentAt });
const offer = (number: number, sentAt: number): PublishedUpdate => ({
  number,
  sentAt,
  endsAt: sentAt + 1_000,
});

/** A store that was handed these, each at these times. */
const store = (handed: Record<number, number[]>, absences: Absence[] = []) => ({
  absences,
  handed: new Map(Object.entries(handed).map(([number, times]) => [Number(number), times])),
});

const trial = (rest: Partial<Trial>): Trial => ({ updates: [], stores: [], killedAt: 60_000, ...rest });

describe('what counts', () => {
  it('counts a price as delivered however late, and each further time that it was handed over as doubled', () => {
    const counts = countsOf(
      trial({
        updates: [price(1, 0), price(2, 500)],
        stores: [store({ 1: [10], 2: [9_000, 9_001, 61_000] }), store({ 1: [10] })],
      }),
    );
    expect(counts).toMatchObject({ due: 4, delivered: 3, doubled: 2, doubledByRestart: 1 });
  });

  it('counts an offer as late if it was ever handed over after its end, and as due to nobody', () => {
    const counts = countsOf(
      trial({
        updates: [offer(1, 0), offer(2, 5_000)],
        stores: [store({ 1: [1_000], 2: [5_100, 6_250] }), store({ 1: [1_001] })],
      }),
    );
    expect(counts).toMatchObject({ due: 0, offers: 4, offersInTime: 2, offersLate: 2, latestMs: 250 });
  });
});

describe('replay', () => {
  const absence: Absence = { cutAt: 1_000, backAt: 3_000, reconnectedAt: 3_400 };

  it('lasts from the reconnecting to the last price that the store missed', () => {
    const updates = [price(1, 900), price(2, 1_500), offer(3, 2_000), price(4, 3_500)];
    const stores = [store({ 1: [905], 2: [3_450], 3: [9_000], 4: [8_000] }, [absence])];
    expect(replaysOf(trial({ updates, stores }))).toEqual([50]);
  });

  it('counts what was under way when the line was cut, and not what the restart interrupted', () => {
    const updates = [price(1, 990)];
    const interrupted: Absence = { cutAt: 59_000, backAt: 61_000, reconnectedAt: 61_200 };
    const stores = [store({ 1: [3_500] }, [absence]), store({ 1: [62_000] }, [interrupted])];
    expect(replaysOf(trial({ updates, stores }))).toEqual([100]);
    expect(redialsOf(trial({ updates, stores }))).toEqual([400]);
  });

  it('leaves out what a store never got: that is missed, not replayed', () => {
    expect(replaysOf(trial({ updates: [price(1, 1_500)], stores: [store({}, [absence])] }))).toEqual([]);
  });
});

it('is back after the restart once every store has every price, and never if one lacks one', () => {
  const updates = [price(1, 0), price(2, 61_000), offer(3, 0)];
  const stores = [store({ 1: [5], 2: [61_500] }), store({ 1: [63_000], 2: [62_000] })];
  expect(backAfter(trial({ updates, stores }))).toBe(3_000);
  expect(backAfter(trial({ updates, stores: [...stores, store({ 1: [5] })] }))).toBeUndefined();
});

it('takes percentiles by nearest rank', () => {
  expect(percentile([30, 10, 20], 0.5)).toBe(20);
  expect(percentile([30, 10, 20], 0.99)).toBe(30);
  expect(percentile([], 0.5)).toBeUndefined();
});

it('cuts the same lines at the same times for every peer, each some 15 s after it was back', () => {
  const cuts = cutsOf(7, 3_600_000);
  expect(cutsOf(7, 3_600_000)).toEqual(cuts);
  expect(cutsOf(8, 3_600_000)).not.toEqual(cuts);
  const lives = cuts.slice(1).map((at, index) => at - OFFLINE_MS - (cuts[index] ?? 0));
  expect(Math.min(...lives)).toBeGreaterThanOrEqual(10_000);
  expect(Math.max(...lives)).toBeLessThan(20_000);
  expect(lives.reduce((sum, life) => sum + life, 0) / lives.length).toBeCloseTo(15_000, -3);
});
