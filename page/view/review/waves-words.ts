/** How something goes out in waves, and what stops it, as sentences. */
import type { RolloutPlan } from '../../../domain/updates/rollout-plan.ts';
import { duration, plural, share } from '../../format.ts';

const MINUTE_MS = 60_000;

export function wavesWords({
  maxRejectedPercent,
  minAppliedPercent,
  soakMinutes,
  waves,
}: RolloutPlan): string {
  const sizes = waves.map(wave => {
    if ('stores' in wave) return plural(wave.stores, 'store');
    if ('groups' in wave) return wave.groups.join(', ');
    return wave.percent === 100 ? 'all' : share(wave.percent / 100);
  });
  return (
    `In waves, each ${soakWords(soakMinutes)} after the one before: first to ${sizes.join(', then to ')}. ` +
    `It stops by itself if more than ${share(maxRejectedPercent / 100)} of a wave’s stores refuse it, ` +
    `or fewer than ${share(minAppliedPercent / 100)} have it by then.`
  );
}

export function soakWords(minutes: number): string {
  return duration(minutes * MINUTE_MS);
}
