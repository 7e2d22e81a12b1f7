import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../lambdas/fan-out/pacer.ts';

/** A clock that only the pacer's own waiting moves. */
function paced(rate: number, burst: number) {
  const clock = { now: 0 };
  const waits: number[] = [];
  const pacer = new Pacer({
    rate,
    burst,
    now: () => clock.now,
    wait: async ms => {
      waits.push(ms);
    },
  });
  return { clock, pacer, waits };
}

describe('a pacer', () => {
  it('lets a burst go at once, and then its rate', async () => {
    const { pacer, waits } = paced(10, 3);
    for (let post = 0; post < 6; post += 1) await pacer.take();
    expect(waits).toEqual([100, 200, 300]);
  });

  it('fills up in a pause, to its burst and no further', async () => {
    const { clock, pacer, waits } = paced(10, 3);
    for (let post = 0; post < 3; post += 1) await pacer.take();
    clock.now += 3_600_000;
    for (let post = 0; post < 4; post += 1) await pacer.take();
    expect(waits).toEqual([100]);
  });

  it('never lets more go than its burst and its rate, whenever it is asked and however often it slows down', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ pause: fc.integer({ min: 0, max: 2_000 }), posts: fc.integer({ min: 0, max: 40 }) }),
        fc.constant('slowDown' as const),
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 100 }),
        steps,
        async (rate, burst, schedule) => {
          const clock = { now: 0 };
          const goneAt: number[] = [];
          let wait = 0;
          const pacer = new Pacer({
            rate,
            burst,
            now: () => clock.now,
            wait: async ms => {
              wait = ms;
            },
          });
          for (const step of schedule) {
            if (step === 'slowDown') {
              pacer.slowDown();
              continue;
            }
            clock.now += step.pause;
            for (let post = 0; post < step.posts; post += 1) {
              wait = 0;
              await pacer.take();
              goneAt.push(clock.now + wait);
            }
          }
          goneAt.sort((a, b) => a - b);
          // In every stretch of time, not only from the start: the gateway's own bucket may be full at any moment.
          for (const [first, from] of goneAt.entries()) {
            for (let last = first; last < goneAt.length; last += 1) {
              const seconds = ((goneAt[last] ?? 0) - from) / 1000;
              expect(last - first + 1).toBeLessThanOrEqual(burst + rate * seconds + 1e-6);
            }
          }
        },
      ),
      {
        numRuns: 200,
        // Those who wait since it was slow, and those who ask once it is faster again, once went side by side.
        examples: [
          [10, 1, ['slowDown', 'slowDown', 'slowDown', { pause: 0, posts: 40 }, { pause: 5_000, posts: 40 }]],
        ],
      },
    );
  });
});

describe('the turns that a pacer draws', () => {
  function drawing(rate: number): { drawn: number[]; pacer: Pacer } {
    const drawn: number[] = [];
    const bucket = {
      async reserve(turns: number, _intervalMs: number, from: number) {
        drawn.push(turns);
        return from;
      },
    };
    return {
      drawn,
      pacer: new Pacer({ rate, burst: rate, bucket, now: () => 0, wait: async () => undefined }),
    };
  }

  async function drawnFor(posts: number, rate: number): Promise<number[]> {
    const { drawn, pacer } = drawing(rate);
    for (let left = posts; left > 0; left -= 1) await pacer.take(left);
    return drawn;
  }

  it('are as many as it is told of: none is lost to those that post at the same time', async () => {
    expect(await drawnFor(1_000, 4_500)).toEqual([1_000]);
  });

  it('are those of a quarter of a second at most: nobody waits longer for one that draws', async () => {
    expect(await drawnFor(1_000, 1_000)).toEqual([250, 250, 250, 250]);
  });

  it('are those of all that wait at the moment, where nobody says how many he will take', async () => {
    const { drawn, pacer } = drawing(4_500);
    await pacer.take();
    await Promise.all(Array.from({ length: 5 }, () => pacer.take()));
    expect(drawn).toEqual([1, 1, 4]);
  });
});

it('a pacer that was frozen while it drew goes on at once', async () => {
  const clock = { now: 0 };
  let isFrozen = true;
  const bucket = {
    async reserve(_turns: number, _intervalMs: number, from: number) {
      if (isFrozen) clock.now += 3_600_000;
      isFrozen = false;
      return from;
    },
  };
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const pacer = new Pacer({ rate: 10, burst: 20, bucket, now: () => clock.now, wait });
  await pacer.take();
  expect(waits).toEqual([]);
});

describe('a pacer that the throttle answered', () => {
  it('goes a fifth slower each time, and down to a hundredth of its rate', () => {
    const { pacer } = paced(1_000, 10);
    pacer.slowDown();
    expect(pacer.rate).toBeCloseTo(800);
    pacer.slowDown();
    expect(pacer.rate).toBeCloseTo(640);
    for (let again = 0; again < 100; again += 1) pacer.slowDown();
    expect(pacer.rate).toBe(10);
  });

  it('lets no burst go', async () => {
    const { pacer, waits } = paced(1_000, 10);
    pacer.slowDown();
    await pacer.take();
    expect(waits).toEqual([1000 / 800]);
  });

  it('comes back by a twentieth of its rate a second, to its full rate and no further', async () => {
    const { clock, pacer } = paced(1_000, 10);
    pacer.slowDown();
    clock.now += 2_000;
    await pacer.take();
    expect(pacer.rate).toBeCloseTo(900);
    clock.now += 60_000;
    await pacer.take();
    expect(pacer.rate).toBe(1_000);
  });
});
