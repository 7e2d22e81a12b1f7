/**
 * How long a test waits before it calls something lost. No test is about time, but each has to end: so patience follows
 * the pace of the machine, which other programs may keep busy.
 */
import { availableParallelism, loadavg } from 'node:os';

/** What the loop below takes where nothing else runs, on a machine of the kind that the limits were chosen on. */
const QUIET_LOOP_MS = 40;
const LOOP_TURNS = 2_000_000;
const MOST_PATIENT = 12;
const MEASURE_AGAIN_AFTER_MS = 5_000;

let measuredAt = Number.NEGATIVE_INFINITY;
let slowest = 1;

/** @returns `quietMs` on a quiet machine, and as many times more as this one was slower at its slowest so far */
export function patience(quietMs: number): number {
  if (performance.now() - measuredAt > MEASURE_AGAIN_AFTER_MS) {
    slowest = Math.min(Math.max(slowest, loopPace(), queuePace()), MOST_PATIENT);
    measuredAt = performance.now();
  }
  return Math.ceil(quietMs * slowest);
}

/** A loop that is pushed off its core takes longer. */
function loopPace(): number {
  const startedAt = performance.now();
  let state = 1;
  for (let turn = 0; turn < LOOP_TURNS; turn += 1) state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state < 0 ? 1 : (performance.now() - startedAt) / QUIET_LOOP_MS;
}

/** Programs that want a core, for each core, over the last minute. */
function queuePace(): number {
  return (loadavg()[0] ?? 0) / availableParallelism();
}
