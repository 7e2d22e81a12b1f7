import { expect, test, vi } from 'vitest';
import { monthBetween } from '../../bench/cost/metered-month.ts';
import { SteppedFleet } from './stepped-fleet.ts';

vi.setConfig({ testTimeout: 120_000 });
const read = (fleet: SteppedFleet) => ({ bill: fleet.bill, cpuMs: 0 });

test.each([
  [false, 0],
  [false, 2],
  [true, 2],
] as const)('x %s %s', async (watched, updates) => {
  const t0 = performance.now();
  const fleet = await SteppedFleet.open({ stores: 60, salesPerMinute: 7, linesPerSale: 4 });
  const t1 = performance.now();
  if (watched) {
    await fleet.watch();
    await fleet.live(0.5, 2);
  }
  const before = read(fleet);
  const t2 = performance.now();
  await fleet.live(watched ? 2 : 5, updates);
  const month = monthBetween(before, read(fleet));
  const t3 = performance.now();
  console.log(
    watched,
    updates,
    (t1 - t0) | 0,
    (t3 - t2) | 0,
    month.dollars,
    Object.fromEntries(
      Object.entries(month.items).map(([k, v]) => [
        k,
        [(v.count / 43830 / 60).toFixed(4), v.dollars.toFixed(3)].join(' '),
      ]),
    ),
    fleet.errors,
  );
});
