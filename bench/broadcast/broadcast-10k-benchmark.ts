/** (b) Ten times the reference fleet, where our pace, and not our speed, is what takes the time: so no goal. */
import type { Outcome } from '../benchmark.ts';
import { measure, titleFor } from './comparison.ts';

const STORES = 10_000;

export const title = titleFor(STORES);

export async function run(): Promise<Outcome> {
  const { rows } = await measure(STORES);
  return { rows, goals: [] };
}
