/**
 * Says how many stores are on the line. What opens and closes is counted where it happens, but a `$disconnect` is best
 * effort, so the sum of those drifts: this is counted anew each time.
 *
 * Trigger: a schedule, each minute. A repeated or late event counts again what is there then; of a failed one a minute's
 * figure is missing, and nothing else.
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
