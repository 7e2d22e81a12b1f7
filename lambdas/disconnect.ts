/**
 * Takes a closed line off the registry.
 *
 * Trigger: the WebSocket API's `$disconnect` route. Best effort on AWS: where it never comes, a takeover, a post
 * answered 410 or the entry's expiry heals the registry. A late one finds another connection id and changes nothing.
 */
import { connectionsFromEnvironment } from './shared/connections.ts';
import { lazily } from './shared/environment.ts';
import { lineOf, type WebSocketEvent } from './shared/line.ts';

const runtime = lazily(() => ({ connections: connectionsFromEnvironment() }));

export const handler = async (event: WebSocketEvent) => {
  await runtime().connections.deregister(lineOf(event));
  return { statusCode: 200 };
};
