/** How a rollout changes by each decision: what it was, and what it is then. Times are milliseconds since the epoch. */
import type { WaveFigures } from '../../domain/updates/rollout-judgement.ts';
import { WITHDRAWABLE_DAYS } from '../updates/withdrawal/replaced-prices.ts';
import type { Rollout, RolloutState, RolloutWave } from './rollout-items.ts';

/** What a publisher may do with a rollout. */
export type RolloutAction = 'pause' | 'resume' | 'advance' | 'rollback';

/** The rollout is in a state in which that can't be done; the message says in which, for the caller. */
export class WrongStateError extends Error {
  override readonly name = 'WrongStateError';
}

/** Where an action leads from, and the state in which it was done already. */
const actions: Record<RolloutAction, { from: readonly RolloutState[]; done?: RolloutState }> = {
  pause: { from: ['running'], done: 'paused' },
  resume: { from: ['paused', 'halted'], done: 'running' },
  advance: { from: ['running', 'paused', 'halted'] },
  rollback: { from: ['running', 'paused', 'halted', 'finished', 'rollingBack'], done: 'rolledBack' },
};

/** @returns the rollout itself where it was done already @throws WrongStateError */
export function acted(rollout: Rollout, action: RolloutAction, now: number): Rollout {
  const { done, from } = actions[action];
  if (rollout.state === done) return rollout;
  if (!from.includes(rollout.state))
    throw new WrongStateError(`${action}: the rollout ${rollout.rolloutId} is ${rollout.state}`);
  if (action === 'pause') return entered(rollout, 'paused', now);
  if (action === 'rollback') return rollingBack(rollout, now);
  if (action === 'resume') return resumed(rollout, now);
  // Its waves are planned within seconds; until then nobody knows what the next one is.
  if (rollout.waves.length === 0)
    throw new WrongStateError(`advance: the first wave of ${rollout.rolloutId} has not begun`);
  return wentOn(rollout, now);
}

/** After so long the chain no longer knows what held before. One whose withdrawals are not published puts them once more. */
function rollingBack(rollout: Rollout, now: number): Rollout {
  if (rollout.state === 'rollingBack')
    return rollout.reason === undefined
      ? rollout
      : entered({ ...rollout, withdrawalsPut: 0 }, 'rollingBack', now);
  if (rollout.createdAt + WITHDRAWABLE_DAYS * 86_400_000 < now)
    throw new WrongStateError(
      `rollback: the rollout ${rollout.rolloutId} is more than ${WITHDRAWABLE_DAYS} days old; publish what is to hold instead`,
    );
  return entered(rollout, 'rollingBack', now);
}

/** The soak begins anew: what is judged is whether the wave holds from now on. */
function resumed(rollout: Rollout, now: number): Rollout {
  return changedWave(entered(rollout, 'running', now), { soakedFrom: now });
}

/** The next wave that has stores begins; behind the last one the rollout is finished. */
export function wentOn(rollout: Rollout, now: number, figures?: WaveFigures): Rollout {
  const left = changedWave(rollout, figures && { figures });
  const next = left.waves.findIndex((wave, index) => index >= left.wave && wave.updateIds.length > 0);
  if (next < 0) return entered(left, 'finished', now);
  const running = left.state === 'running' ? left : entered(left, 'running', now);
  return changedWave({ ...running, wave: next + 1 }, { beganAt: now, soakedFrom: now });
}

export function halted(rollout: Rollout, reason: string, now: number, figures?: WaveFigures): Rollout {
  return { ...changedWave(entered(rollout, 'halted', now), figures && { figures }), reason };
}

/** Every update of it is withdrawn, or can't be published any more. */
export function rolledBack(rollout: Rollout, now: number): Rollout {
  return entered(rollout, 'rolledBack', now);
}

/** Its withdrawals should be published by now. They may be yet: a dead letter can be put again. */
export function stuck(rollout: Rollout, reason: string): Rollout {
  return { ...rollout, reason };
}

function entered({ reason: _, ...rollout }: Rollout, state: RolloutState, since: number): Rollout {
  return { ...rollout, state, since };
}

/** Says more of the wave that began last, if one has. */
function changedWave(rollout: Rollout, change: Partial<RolloutWave> | undefined): Rollout {
  const waves = rollout.waves.map((wave, index) =>
    index === rollout.wave - 1 ? { ...wave, ...change } : wave,
  );
  return { ...rollout, waves };
}
