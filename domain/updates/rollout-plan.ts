/** How an update goes out in waves: what a publisher asks for by `rollout`. */
import * as v from 'valibot';
import { Name } from '../names.ts';

const MOST_WAVES = 20;
/** A week. */
const MOST_SOAK_MINUTES = 10_080;

const percent = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be from 0 to 100'),
  v.maxValue(100, 'must be from 0 to 100'),
);
const WAVE = 'must be one of {"stores":10}, {"percent":25}, {"groups":["pilot"]}';

/** Who has the update once the wave is out: so many stores, such a share of the audience, or the stores of these groups. */
const Wave = v.union(
  [
    v.strictObject({ stores: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
    v.strictObject({ percent: v.pipe(percent, v.gtValue(0)) }),
    v.strictObject({ groups: v.pipe(v.array(Name), v.minLength(1), v.maxLength(100)) }),
  ],
  WAVE,
);
export type Wave = v.InferOutput<typeof Wave>;

export const RolloutPlan = v.strictObject({
  waves: v.pipe(
    v.array(Wave, 'must be a list'),
    v.minLength(1, 'must hold at least one wave'),
    v.maxLength(MOST_WAVES, `must not hold more than ${MOST_WAVES} waves`),
    // Anything else would leave some stores without it, and those that come later.
    v.check(waves => isWholeAtLast(waves), 'must end with {"percent":100}, the wave to the audience itself'),
  ),
  /** From a wave's beginning to its judgement. A fraction is taken; a judgement falls on a run of the schedule. */
  soakMinutes: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.minValue(0, 'must not be negative'),
      v.maxValue(MOST_SOAK_MINUTES, 'must not be more than a week, 10080'),
    ),
    15,
  ),
  minAppliedPercent: v.optional(percent, 95),
  maxRejectedPercent: v.optional(percent, 1),
});
export type RolloutPlan = v.InferOutput<typeof RolloutPlan>;

function isWholeAtLast(waves: readonly Wave[]): boolean {
  const last = waves.at(-1);
  return last !== undefined && 'percent' in last && last.percent === 100;
}
