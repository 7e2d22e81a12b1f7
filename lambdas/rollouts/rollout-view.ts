/** A rollout as head office sees it: what was decided, and what became of its waves so far. */
import type { Rollout as RolloutView } from '../../domain/protocol/staging-answers.ts';
import type { WaveFigures } from '../../domain/updates/rollout-judgement.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { DeliverySum } from '../receipts/delivery-sum.ts';
import type { Rollout, RolloutContent, RolloutState, RolloutWave } from './rollout-items.ts';
import { summed } from './wave-figures.ts';
import { waveUpdates } from './wave-plan.ts';

type WaveState = RolloutView['waves'][number]['state'];

/** What its figures are counted from. */
export interface Seen {
  content: RolloutContent;
  /** By update. */
  sums: ReadonlyMap<string, DeliverySum>;
}

/** Updates of the waves that have begun. */
export function begunUpdates({ waves }: Rollout, content: RolloutContent): Update[] {
  return waves.flatMap(({ beganAt }, index) =>
    beganAt === undefined ? [] : waveUpdates(content, index + 1),
  );
}

/** @param seen left out, the figures are those of the last decision */
export function viewOf(rollout: Rollout, seen?: Seen): RolloutView {
  const { audience = null, plan, publishedAt, reason, rolloutId, since, state, updateKind } = rollout;
  const { waves: _, ...rules } = plan;
  return {
    rolloutId,
    kind: updateKind,
    publishedAt,
    audience,
    state,
    since: isoTime(since),
    ...(reason === undefined ? {} : { reason }),
    ...rules,
    waves: rollout.waves.map((wave, index) => {
      const number = index + 1;
      const { applied, rejected, targeted } = figuresOf(wave, number, seen);
      return {
        number,
        updateId: wave.updateIds[0] ?? null,
        updateIds: wave.updateIds,
        targeted,
        applied,
        rejected,
        state: stateOf(wave, number === rollout.wave, state),
        since: wave.beganAt === undefined ? null : isoTime(wave.beganAt),
      };
    }),
  };
}

function figuresOf(
  { beganAt, figures, targeted }: RolloutWave,
  number: number,
  seen?: Seen,
): Omit<WaveFigures, 'absent'> {
  if (beganAt !== undefined && seen !== undefined)
    return summed(waveUpdates(seen.content, number).flatMap(({ id }) => seen.sums.get(id) ?? []));
  return figures ?? { targeted, applied: 0, rejected: 0 };
}

function stateOf({ beganAt, updateIds }: RolloutWave, isLast: boolean, state: RolloutState): WaveState {
  if (updateIds.length === 0) return 'empty';
  if (beganAt === undefined) return 'waiting';
  if (state === 'rolledBack') return 'withdrawn';
  if (state === 'rollingBack') return isLast ? 'paused' : 'finished';
  return isLast ? state : 'finished';
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
