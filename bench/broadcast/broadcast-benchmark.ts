/** (b) The reference fleet: our broadcast against the usual sample's, on the local cloud. */
import type { Outcome } from '../benchmark.ts';
import { measure, titleFor } from './comparison.ts';

const STORES = 1_000;

export const title = titleFor(STORES);

export async function run(): Promise<Outcome> {
  const { rows, timesSooner } = await measure(STORES);
  const goal = {
    what: 'a price to 1,000 stores, times sooner than by the usual sample',
    value: timesSooner,
    unit: '×',
    must: 4,
    moonshot: 8,
    better: 'more' as const,
  };
  return { rows, goals: [goal] };
}
