/**
 * Takes a closed line off the registry.
 *
 * Trigger: the WebSocket API's `$disconnect` route. It is best effort on AWS: where it never comes, a takeover, a post
 * answered 410 or the entry's expiry heals the registry. A late one finds another connection id and changes nothing.
 */
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { lineOf, ownerOf, type WebSocketEvent } from './registry/line-of-event.ts';
import { rosterFromEnvironment } from './registry/roster.ts';

const runtime = lazily(() => ({
  connections: connectionsFromEnvironment(),
  roster: rosterFromEnvironment(),
}));

export const handler = async (event: WebSocketEvent) => {
  const { connections, roster } = runtime();
  const line = lineOf(event);
  const wasRegistered = await connections.deregister(line);
  if (wasRegistered && line.identity.role === 'store')
    await roster.wentOff(line.identity.storeId, Date.now());
  log.info('line closed', { owner: ownerOf(line), wasRegistered }, { LinesClosed: 1 });
  return { statusCode: 200 };
};
