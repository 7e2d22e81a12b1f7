/**
 * Measures how many stores are connected. Lines that open and close are counted where that happens, but `$disconnect`
 * is best effort, so the sum of those counts drifts: this counts the registry itself.
 *
 * Trigger: a schedule, each minute. A repeated or late event counts again; a failed one leaves out the figure of a
 * minute.
 */
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';

const runtime = lazily(connectionsFromEnvironment);

export const handler = async (): Promise<void> => {
  const startedAt = Date.now();
  const connected = await runtime().countStores(startedAt);
  log.info('stores counted', { durationMs: Date.now() - startedAt }, { Connected: connected });
};
