/** A run that ends before everything has come must not call it lost. */
import { expect, test } from 'vitest';
import { settle } from './settling.ts';

/** By round, how many matters are open; each round takes a second. */
function settleWith(counts: readonly number[]) {
  let round = 0;
  return settle({
    openMatters: async () =>
      Array.from({ length: counts[round] ?? counts.at(-1) ?? 0 }, (_, n) => `matter ${n}`),
    help: async () => {
      round += 1;
    },
    patienceMs: 60_000,
    stoppedAfterMs: 10_000,
    say: () => {},
    now: () => round * 1_000,
  });
}

test('what becomes less until nothing is left has settled', async () => {
  expect(await settleWith([500, 300, 300, 20, 0])).toEqual({ open: [], hasStopped: false });
});

test('what does not become less any more has stopped', async () => {
  expect(await settleWith([500, 300, 2])).toEqual({ open: ['matter 0', 'matter 1'], hasStopped: true });
});

test('what still becomes less when patience ends is not settled yet', async () => {
  const counts = Array.from({ length: 100 }, (_, round) => 1_000 - round);
  const { hasStopped, open } = await settleWith(counts);
  expect(hasStopped).toBe(false);
  expect(open).toHaveLength(940);
});
