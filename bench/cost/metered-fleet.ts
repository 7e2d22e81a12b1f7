/** One variant of a fleet on a cloud of its own, for some minutes of their clock. */
import { type MeteredMonth, monthBetween, withEvery } from './metered-month.ts';
import type { FleetNumbers } from './reference-fleet.ts';
import { type Inhabitants, SteppedSystem } from './stepped-system.ts';

export interface Variant extends Inhabitants {
  /** Somebody watches all the time. */
  isWatched?: boolean;
  updatesPerMinute: number;
  minutes: number;
}

/** In its first minute a till waits for nothing; then each has its first report at rest. */
const EAGER_MINUTES = 1;
const WARM_UP_MINUTES = 1;
/** A client's connection gives way to a new one so often. */
const ROTATION_MINUTES = 110;

/** @throws Error if something was lost: a fleet that gave up would look cheap */
export async function meter(variant: Variant, numbers: FleetNumbers): Promise<MeteredMonth> {
  const { isWatched = false, kind, minutes, name, updatesPerMinute } = variant;
  const system = await SteppedSystem.start(variant, numbers);
  try {
    const [unopened, opened] = await system.open();
    if (kind === 'reporting') await system.live(EAGER_MINUTES, 0);
    if (isWatched) await system.watch();
    await system.live(WARM_UP_MINUTES, updatesPerMinute);
    const before = await system.read();
    await system.live(minutes, updatesPerMinute);
    const after = await system.read();
    await system.check();
    if (after.faults > before.faults)
      console.error(`${name}: ${after.faults - before.faults} faults of a machine that was too busy`);
    return withEvery(monthBetween(before, after), ROTATION_MINUTES, unopened, opened);
  } finally {
    await system.stop();
  }
}
