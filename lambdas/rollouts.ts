/**
 * Decides about rollouts: begins their waves, judges them by their receipts, and takes them back.
 *
 * Trigger: a schedule, each minute, for all that are open; and the stream of the `staged` table, at once, for one that was
 * entered or that somebody has acted on. A repeated or late event finds less or more to do, and two side by side decide
 * once (rollouts/rollout-work.ts). What fails, or what there is no time for, the next minute does.
 */
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { toChange } from './aws/change.ts';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { admittedBusFromEnvironment } from './publishing/admitted-bus.ts';
import { receiptsFromEnvironment } from './receipts/receipts.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { rosterFromEnvironment } from './registry/roster.ts';
import { rolloutOfKey, rolloutTableFromEnvironment } from './rollouts/rollout-table.ts';
import { type Decision, RolloutWork } from './rollouts/rollout-work.ts';
import { updateIdsFromEnvironment } from './updates/update-ids.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

const runtime = lazily(() => {
  const rollouts = rolloutTableFromEnvironment();
  const work = new RolloutWork({
    bus: admittedBusFromEnvironment(),
    connections: connectionsFromEnvironment(),
    ids: updateIdsFromEnvironment(),
    log: updateLogFromEnvironment(),
    receipts: receiptsFromEnvironment(),
    rollouts,
    roster: rosterFromEnvironment(),
  });
  return { rollouts, work };
});

/** Longer than one rollout takes. */
const CLOSING_TIME_MS = 20_000;

export const handler = async (event: DynamoDBStreamEvent | object, context: Context): Promise<void> => {
  const { rollouts, work } = runtime();
  const isDecision = 'Records' in event;
  const ids = isDecision
    ? new Set(event.Records.map(toChange).flatMap(({ keys }) => rolloutOfKey(keys) ?? []))
    : await rollouts.open();
  const failures: unknown[] = [];
  for (const id of ids) {
    if (context.getRemainingTimeInMillis() < CLOSING_TIME_MS) break;
    try {
      // What was decided this moment has no receipts yet.
      for (const decision of await work.run(id, !isDecision, Date.now())) tell(decision);
    } catch (error) {
      log.error('a rollout failed', error, { rolloutId: id });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
};

function tell({ after, before }: Decision): void {
  const { reason, rolloutId, state, wave } = after;
  if (state === 'rollingBack' && reason !== undefined)
    log.warn('rollout not rolled back', { rolloutId, reason }, { RolloutsHalted: 1 });
  if (state === before.state && wave === before.wave) return;
  if (state === 'halted') log.warn('rollout halted', { rolloutId, wave }, { RolloutsHalted: 1 });
  else log.info('rollout went on', { rolloutId, wave, state });
}
