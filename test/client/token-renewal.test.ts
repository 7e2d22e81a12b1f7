import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox, ScriptedChain } from './scripted-chain.ts';

const DAY = 86_400_000;

let chain: ScriptedChain;
let management: Server;
let answers: { status: number; body: string }[];
let requests: Inbox<Pick<IncomingMessage, 'method' | 'url' | 'headers'>>;

beforeEach(async () => {
  chain = await ScriptedChain.start();
  answers = [];
  requests = new Inbox();
  management = createServer((request, response) => {
    requests.push(request);
    const { status, body } = answers.shift() ?? { status: 500, body: '{}' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(management, 'listening');
});
afterEach(async () => {
  await chain.stop();
  management.closeAllConnections();
  management.close();
});

/** A token that was issued so long ago and lives ninety days; `id` tells it from others. */
function jwt(id: string, ageMs: number): string {
  const iat = Math.round((chain.clock.now() - ageMs) / 1000);
  const claims = { iat, exp: iat + (90 * DAY) / 1000, jti: id };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

function startStore(token: string, path = '/') {
  const tokens = new Inbox<string>();
  const { port } = management.address() as AddressInfo;
  const store = chain.store({
    token,
    // Days pass in these tests: nothing but the renewal shall happen in them.
    heartbeatMs: 200 * DAY,
    rotationMs: 200 * DAY,
    managementUrl: `http://127.0.0.1:${port}${path}`,
    onToken: fresh => tokens.push(fresh),
  });
  return { store, tokens };
}

describe('a token', () => {
  it.each(['/', '/stage', '/stage/'])(
    'is renewed at half of its life, at %s, and is used from then on',
    async path => {
      const old = jwt('old', 44 * DAY);
      const fresh = jwt('fresh', -1 * DAY);
      answers = [{ status: 200, body: JSON.stringify({ token: fresh }) }];
      const { store, tokens } = startStore(old, path);
      const line = await chain.lines.next();
      await line.sync({ all: 0 });
      await store.next('synced');
      await chain.clock.elapse(1 * DAY);
      const { method, url, headers } = await requests.next();
      expect({ method, url }).toEqual({ method: 'POST', url: path === '/' ? '/token' : '/stage/token' });
      expect(headers.authorization).toBe(`Bearer ${old}`);
      expect(await tokens.next()).toBe(fresh);
      line.break();
      await store.next('close');
      await chain.clock.elapse(500);
      expect((await chain.lines.next()).token).toBe(fresh);
    },
  );

  it('is renewed when the chain said so, and not before', async () => {
    const fresh = jwt('fresh', 0);
    const renewAt = chain.clock.at(7 * DAY);
    answers = [
      { status: 200, body: JSON.stringify({ token: fresh, expiresAt: chain.clock.at(14 * DAY), renewAt }) },
      { status: 200, body: JSON.stringify({ token: jwt('freshest', 0) }) },
    ];
    const { store, tokens } = startStore(jwt('old', 45 * DAY));
    await (await chain.lines.next()).sync({ all: 0 });
    await store.next('synced');
    await chain.clock.elapse(0);
    expect(await tokens.next()).toBe(fresh);
    await chain.clock.elapse(7 * DAY);
    expect((await requests.next()).headers.authorization).not.toContain(fresh);
    expect((await requests.next()).headers.authorization).toBe(`Bearer ${fresh}`);
  });

  // Browsers, and Node's own WebSocket, tell of a refused handshake no more than that there was none.
  it('that is refused in a handshake is told of, though the WebSocket tells nothing', async () => {
    // Node's own WebSocket asks a second time by itself when it is answered 401.
    chain.refusals = [401, 401];
    answers = [{ status: 401, body: '{}' }];
    const { port } = management.address() as AddressInfo;
    const store = chain.store({ token: () => 'old', managementUrl: `http://127.0.0.1:${port}` });
    await store.next('unauthorized');
    expect((await requests.next()).headers.authorization).toBe('Bearer old');
  });

  it.each([
    ['is refused', { status: 401, body: '{}' }],
    ['gets an answer without a token', { status: 200, body: '{}' }],
    ['gets no JSON', { status: 200, body: 'oops' }],
  ])('that %s is renewed later, and the line goes on', async (_, refusal) => {
    const fresh = jwt('fresh', 0);
    answers = [refusal, { status: 200, body: JSON.stringify({ token: fresh }) }];
    const { store, tokens } = startStore(jwt('old', 80 * DAY));
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    await store.next('synced');
    await chain.clock.elapse(0);
    expect((await store.next('error')).message).toBe('the token could not be renewed');
    expect(store.client.connected).toBe(true);
    await chain.clock.elapse(15_000);
    expect(await tokens.next()).toBe(fresh);
  });

  it('that is no JWT is used as it is, and the error says so', async () => {
    const { store } = startStore('secret');
    expect((await store.next('error')).message).toContain('no JWT');
    expect((await chain.lines.next()).token).toBe('secret');
  });
});
