/**
 * Enters a new line in the registry. A store has one line, so a newer one takes the older one's place; live.ts tells the
 * older one and closes it, once the newer is open.
 *
 * Trigger: the WebSocket API's `$connect` route, after the authorizer. A late `$connect` finds a newer line registered and gives way; a repeated one changes nothing. A
 * store that connects too often is refused before it takes over its older line: with 429, which an authorizer can't
 * answer.
 */
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { handshakeHeaders, selectedSubprotocol } from './identity/handshake-headers.ts';
import { connectionsFromEnvironment, SupersededError } from './registry/connections.ts';
import { lineOf, ownerOf, type WebSocketEvent } from './registry/line-of-event.ts';
import { RevokedError, rosterFromEnvironment } from './registry/roster.ts';
import { StoreLimit } from './registry/store-limit.ts';

const runtime = lazily(() => {
  const roster = rosterFromEnvironment();
  return {
    connections: connectionsFromEnvironment(),
    handshakes: new StoreLimit({ roster, of: 'handshakes' }),
    roster,
  };
});

export const handler = async (event: WebSocketEvent) => {
  const { connections, handshakes, roster } = runtime();
  const line = lineOf(event);
  if (line.identity.role === 'store' && !(await handshakes.admits(line.identity.storeId, Date.now()))) {
    log.warn('too many handshakes', { owner: ownerOf(line) }, { HandshakesLimited: 1 });
    return { statusCode: 429 };
  }
  try {
    await connections.register(line, Date.now());
    if (line.identity.role === 'store') {
      const store = await roster.heard(line.identity, line.connectedAt);
      if (store.placementVersion !== undefined) await connections.place(line, store);
    }
  } catch (error) {
    if (error instanceof RevokedError) {
      // It was revoked after the authorizer's check.
      await connections.deregister(line);
      log.warn('handshake forbidden', { owner: ownerOf(line) }, { HandshakesForbidden: 1 });
      return { statusCode: 403 };
    }
    if (!(error instanceof SupersededError)) throw error;
    log.warn('a newer line is registered', { owner: ownerOf(line) });
    return { statusCode: 409 };
  }
  log.info('line opened', { owner: ownerOf(line) }, { LinesOpened: 1 });
  const subprotocol = selectedSubprotocol(handshakeHeaders(event));
  return {
    statusCode: 200,
    ...(subprotocol === undefined ? {} : { headers: { 'Sec-WebSocket-Protocol': subprotocol } }),
  };
};
