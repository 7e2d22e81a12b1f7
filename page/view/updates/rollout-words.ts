/** A rollout as the board shows it: called by what it says, and filled as fast as its receipts come. */
import type { Rollout } from '../../../domain/protocol/staging-answers.ts';
import { money } from '../../format.ts';
import { titleOf } from '../../model/describe-update.ts';
import type { UpdateEntry } from '../../model/model.ts';

type Wave = Rollout['waves'][number];

/** Its waves say all the same; until one of them is listed, its kind is all that is known. */
export function titleOfRollout({ kind, waves }: Rollout, updates: readonly UpdateEntry[]): string {
  const ids = new Set(waves.flatMap(({ updateIds }) => updateIds));
  const entry = updates.find(({ content, update }) => content != null && ids.has(update.updateId));
  if (entry !== undefined) return titleOf(entry, { money });
  return kind === 'offer.published' ? 'An offer' : 'Prices';
}

/** The deliveries of its waves are pushed each second; the list of rollouts is asked for now and then. */
export function filled(rollout: Rollout, updates: readonly UpdateEntry[]): Rollout {
  return { ...rollout, waves: rollout.waves.map(wave => filledWave(wave, updates)) };
}

function filledWave(wave: Wave, updates: readonly UpdateEntry[]): Wave {
  const parts = wave.updateIds.map(id => updates.find(({ update }) => update.updateId === id)?.delivery);
  const sum = (of: 'applied' | 'rejected') => parts.reduce((all, part) => all + (part?.[of] ?? 0), 0);
  return {
    ...wave,
    applied: Math.max(wave.applied, sum('applied')),
    rejected: Math.max(wave.rejected, sum('rejected')),
  };
}
