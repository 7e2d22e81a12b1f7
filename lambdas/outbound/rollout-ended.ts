/** `RolloutHalted` and `RolloutFinished`: what was decided about a rollout that somebody may wait for. */
import type { Change } from '../aws/change.ts';
import type { Item } from '../aws/codecs.ts';
import { isRollout, type Rollout, rolloutItem } from '../rollouts/rollout-items.ts';
import type { PutEvent } from './event-parts.ts';

export function rolloutEvents(changes: readonly Change[]): PutEvent[] {
  return changes.flatMap(({ after, before }) => {
    const [was, is] = [before, after].map(read);
    return is === undefined || is.state === was?.state ? [] : eventsOf(is);
  });
}

function read(item: Item | undefined): Rollout | undefined {
  return item === undefined || !isRollout(item) ? undefined : rolloutItem.decode(item);
}

function eventsOf({ reason = '', rolloutId, since, state, wave }: Rollout): PutEvent[] {
  const at = new Date(since).toISOString();
  if (state === 'halted')
    return [{ type: 'RolloutHalted', detail: JSON.stringify({ rolloutId, wave, reason, at }) }];
  return state === 'finished' ? [{ type: 'RolloutFinished', detail: JSON.stringify({ rolloutId, at }) }] : [];
}
