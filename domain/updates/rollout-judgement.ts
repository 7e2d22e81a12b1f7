/** Whether a rollout goes on: what is said of a wave by its receipts. */
import type { RolloutPlan } from './rollout-plan.ts';

export interface WaveFigures {
  targeted: number;
  applied: number;
  rejected: number;
  /** Of those that were targeted: off the line since before the wave began. They can't tell of it. */
  absent: number;
}

/** `wait`: the soak is not over. The reason is for people. */
export type Judgement = { verdict: 'wait' } | { verdict: 'goOn' } | { verdict: 'halt'; reason: string };

/** Stores need some time to answer, whatever the soak: a receipt takes a second, a store that reconnects some more. */
const LEAST_SILENCE_MS = 60_000;
const MINUTE_MS = 60_000;

/**
 * Refusals halt at once. What is missing halts when the soak is over: a store that does not answer is no better than one
 * that refuses, for the update may be what has silenced it. Only stores that were off the line before it don't count; where
 * nobody is left to count, that is silence, too.
 *
 * @param soakedMs since the soak of the wave began
 */
export function judgeWave(
  number: number,
  { maxRejectedPercent, minAppliedPercent, soakMinutes }: Omit<RolloutPlan, 'waves'>,
  { absent, applied, rejected, targeted }: WaveFigures,
  soakedMs: number,
): Judgement {
  const counted = targeted - absent;
  const share = (count: number) => `${count} of ${counted} stores (${percentText(count, counted)})`;
  if (100 * rejected > maxRejectedPercent * counted)
    return halt(
      `wave ${number}: ${share(rejected)} refused it, more than the ${maxRejectedPercent} % that may`,
    );
  const soakMs = soakMinutes * MINUTE_MS;
  if (soakedMs < soakMs) return { verdict: 'wait' };
  if (100 * applied >= minAppliedPercent * counted && (counted > 0 || targeted === 0))
    return { verdict: 'goOn' };
  if (soakedMs < LEAST_SILENCE_MS) return { verdict: 'wait' };
  const after = `after ${Math.round(soakedMs / MINUTE_MS)} min`;
  if (counted === 0) return halt(`wave ${number}: none of its ${targeted} stores was on the line ${after}`);
  const silent = counted - applied - rejected;
  return halt(
    `wave ${number}: ${share(applied)} have applied it ${after}, fewer than the ${minAppliedPercent} % that must; ${silent} have not answered`,
  );
}

function halt(reason: string): Judgement {
  return { verdict: 'halt', reason };
}

function percentText(count: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((1_000 * count) / whole) / 10} %`;
}
