/** Takes in an update that is to go out in waves. The function that works on rollouts hears of it by the table's stream. */
import { ConflictingEventError } from '../../domain/updates/published-events.ts';
import type { RolloutPlan } from '../../domain/updates/rollout-plan.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { UpdateIds } from '../updates/update-ids.ts';
import type { RolloutTable } from './rollout-table.ts';

export type StagedUpdate = Update & { rollout: RolloutPlan };

export function isStaged(update: Update): update is StagedUpdate {
  return update.rollout !== undefined;
}

/** A repetition changes nothing. @throws ConflictingEventError if its id stands for something else */
export async function enterRollout(
  update: StagedUpdate,
  { ids, rollouts }: { ids: UpdateIds; rollouts: RolloutTable },
  now: number,
): Promise<void> {
  if (!(await ids.take(update, now))) throw new ConflictingEventError(update.id);
  await rollouts.create(update, now);
}
