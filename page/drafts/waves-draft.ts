/** Whether something is published at once or in waves. The sizes are few, so that each is one click and none can be mistyped. */
import type { RolloutPlan } from '../../domain/updates/rollout-plan.ts';

export interface WavesDraft {
  inWaves: boolean;
  /** Stores of the first wave. */
  first: number;
  /** Percent of the audience that the second wave comes up to; 0 is no second wave. */
  second: number;
  /** From one wave to the next. */
  soakMinutes: number;
}

export const AT_ONE_GO: WavesDraft = { inWaves: false, first: 10, second: 25, soakMinutes: 15 };

export const FIRST_WAVES = [1, 10, 50];
export const SECOND_WAVES = [0, 10, 25, 50];
export const SOAKS = [1, 15, 60, 240, 1_440];

/** What the chain takes where a plan leaves it open: it halts by itself past these. */
export const LIMITS = { minAppliedPercent: 95, maxRejectedPercent: 1 };

/** The property of an event, or nothing. */
export function rolloutOf({ first, inWaves, second, soakMinutes }: WavesDraft): { rollout?: RolloutPlan } {
  if (!inWaves) return {};
  const waves = [{ stores: first }, ...(second === 0 ? [] : [{ percent: second }]), { percent: 100 }];
  return { rollout: { waves, soakMinutes, ...LIMITS } };
}
