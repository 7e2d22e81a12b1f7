/**
 * Finds stores whose price book is not what it should be: a damaged disk, a fault in a till's software. A large fleet is
 * compared part by part, one a run.
 *
 * Trigger: a schedule, each minute. A repeated or late event finds the same again.
 */

import { Environment } from '../domain/names.ts';
import { lazily, requiredNumber } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { DriftFinder } from './books/drift-finder.ts';
import { rosterFromEnvironment } from './registry/roster.ts';
import { currentStateFromEnvironment } from './updates/current-state.ts';
import { CatchUp } from './updates/missed-updates.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

const runtime = lazily(() => {
  const catchUp = new CatchUp({ log: updateLogFromEnvironment(), current: currentStateFromEnvironment() });
  const turns = requiredNumber(Environment.fleetParts);
  return new DriftFinder({ roster: rosterFromEnvironment(), catchUp, turns });
});

const MOST_NAMED = 50;

export const handler = async (): Promise<void> => {
  const startedAt = Date.now();
  const { adrift, compared, found } = await runtime().run(startedAt);
  const metrics = { StoresAdrift: adrift.length };
  if (found.length > 0) log.warn('books differ', { storeIds: found.slice(0, MOST_NAMED) });
  if (compared > 0) log.info('books compared', { compared, durationMs: Date.now() - startedAt }, metrics);
};
