import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sale } from './sales.ts';
import { offer, price, ScriptedChain } from './scripted-chain.ts';

const HEARTBEAT = 240_000;
const ROTATION = 110 * 60_000;
/** Nobody answers pings in the tests of rotation. */
const quiet = { heartbeatMs: 10 * ROTATION };

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

async function syncedStore(options = {}) {
  const store = chain.store(options);
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await store.next('synced');
  await store.next('open');
  return { store, line };
}

describe('connecting', () => {
  it.each([
    ["the runtime's WebSocket", {}],
    ['the WebSocket of ws', { WebSocket: WebSocket }],
  ])('brings the token by subprotocol with %s', async (_, options) => {
    chain.store({ token: 'a.b.c', ...options });
    expect((await chain.lines.next()).token).toBe('a.b.c');
  });

  it('asks for address and token before each connection', async () => {
    let asked = 0;
    const { line } = await syncedStore({ url: async () => chain.url, token: async () => `token-${++asked}` });
    expect(line.token).toBe('token-1');
    line.break();
    await chain.clock.elapse(500);
    expect((await chain.lines.next()).token).toBe('token-2');
  });

  it('tries again, ever more slowly, while it is refused or nobody gives it a token', async () => {
    // Node's own WebSocket asks a second time by itself when it is answered 401.
    chain.refusals = [401, 401, 403];
    const tokens = ['bad', 'worse', undefined, 'good'];
    const store = chain.store({
      token: () => {
        const token = tokens.shift();
        if (token === undefined) throw new Error('no token');
        return token;
      },
    });
    for (const delay of [500, 1_000, 2_000]) {
      await store.next('error');
      await chain.clock.elapse(delay);
    }
    expect((await chain.lines.next()).token).toBe('good');
  });

  it('starts with short waits again after a line that lived', async () => {
    chain.refusals = [429, 429];
    const store = chain.store();
    await store.next('error');
    await chain.clock.elapse(500);
    await store.next('error');
    await chain.clock.elapse(1_000);
    const line = await chain.lines.next();
    await line.sync({ all: 0 });
    await store.next('synced');
    chain.clock.advance(60_000);
    line.close(1001);
    expect(await store.next('close')).toMatchObject({ code: 1001 });
    await chain.clock.elapse(500);
    await chain.lines.next();
  });

  it('waits longer each time for a line that breaks at once', async () => {
    const store = chain.store();
    for (const delay of [500, 1_000, 2_000]) {
      (await chain.lines.next()).break();
      await store.next('close');
      expect(store.client.connected).toBe(false);
      await chain.clock.elapse(delay);
    }
    await chain.lines.next();
  });

  // With a `code 1006` alone nobody in the shop knew what to do.
  it('tells that the token is not taken, and goes on trying', async () => {
    chain.refusals = [401];
    const store = chain.store({ WebSocket });
    await store.next('unauthorized');
    await chain.clock.elapse(500);
    await chain.lines.next();
  });

  it('names each line, so that the chain can say who took over', async () => {
    const { line } = await syncedStore();
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    expect(next.name).toMatch(/^[0-9a-z]+-2$/);
    expect(next.name).not.toBe(line.name);
  });

  it('says at once where there is no WebSocket', () => {
    const original = globalThis.WebSocket;
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      expect(() => chain.store()).toThrow(/no WebSocket/);
    } finally {
      globalThis.WebSocket = original;
    }
  });
});

describe('a line that broke without a word', () => {
  it('is given up after one ping without an answer', async () => {
    const { store, line } = await syncedStore();
    await chain.clock.elapse(HEARTBEAT);
    await line.next('ping');
    await chain.clock.elapse(20_000);
    expect(await store.next('close')).toEqual({ code: 1006, reason: 'nobody answered a ping' });
    await chain.clock.elapse(500);
    await (await chain.lines.next()).next('sync');
  });

  it('is suspected, and tested, as soon as a sync gets no answer', async () => {
    chain.store();
    const line = await chain.lines.next();
    await line.next('sync');
    await chain.clock.elapse(10_500);
    await line.next('sync');
    await line.next('ping');
  });

  // Under load the pong came late while updates came in time: all lines were dropped, which was more load still.
  it('is not one on which frames come, though the pong is late', async () => {
    const { store, line } = await syncedStore();
    await chain.clock.elapse(HEARTBEAT);
    await line.next('ping');
    chain.clock.advance(15_000);
    line.send({ type: 'sales.accepted', saleIds: [], rejected: [] });
    await chain.clock.elapse(20_000);
    expect(await store.next('close')).toEqual({ code: 1006, reason: 'nobody answered a ping' });
  });

  it.each([
    ['a pong', { type: 'pong', positions: { all: 0 }, serverTime: '2026-12-01T08:04:00.000Z' }],
    ["the gateway's error", { message: 'Internal server error', connectionId: 'c', requestId: 'r' }],
  ])('is not one where %s answers', async (_, answer) => {
    const { store, line } = await syncedStore();
    await chain.clock.elapse(HEARTBEAT);
    await line.next('ping');
    line.send(answer);
    await chain.clock.elapse(HEARTBEAT);
    await line.next('ping');
    expect(store.unread('close')).toBe(0);
  });
});

describe('a line that grows old', () => {
  it('is exchanged before its end, with nothing lost or doubled, though the chain says that it is replaced', async () => {
    const applied: string[] = [];
    const { store, line } = await syncedStore({
      ...quiet,
      apply: ({ id }: { id: string }) => void applied.push(id),
    });
    await chain.clock.elapse(ROTATION);
    const next = await chain.lines.next();
    line.send({ type: 'closing', reason: 'replaced' });
    expect(await store.next('open')).toEqual({ rotated: true });
    await line.closed;
    next.send(price(2));
    expect(await next.sync({ all: 2 }, { updates: [price(1), price(2)] })).toMatchObject({
      positions: { all: 0 },
    });
    await store.next('synced');
    expect(applied.toSorted()).toEqual(['price-1', 'price-2']);
    expect(store.unread('replaced') + store.unread('close')).toBe(0);
    expect(store.client.connected).toBe(true);
  });

  // Of 84 rotations, 84 looked like this: the old line is closed before the new one's handshake is through.
  it('is no eviction where the chain names one of its own lines, however that fares', async () => {
    const { store, line } = await syncedStore(quiet);
    const [name] = line.name.split('-');
    line.send({ type: 'closing', reason: 'replaced', by: `${name}-2` });
    line.close(1000);
    await store.next('close');
    await chain.clock.elapse(500);
    await chain.lines.next();
    expect(store.unread('replaced')).toBe(0);
  });

  it('goes on while its successor is refused', async () => {
    const { store, line } = await syncedStore(quiet);
    chain.refusals = [429];
    await chain.clock.elapse(ROTATION);
    await store.next('error');
    line.send(price(1));
    await store.next('applied');
    await chain.clock.elapse(500);
    await chain.lines.next();
    expect(await store.next('open')).toEqual({ rotated: true });
  });

  it('may be closed by the chain before its successor is open', async () => {
    // The chain closes the old line in $connect, before the new handshake is through.
    let answer = (_: string): void => {};
    let asked = 0;
    const token = (): string | Promise<string> =>
      ++asked === 1 ? 'first' : new Promise<string>(resolve => (answer = resolve));
    const { store, line } = await syncedStore({ ...quiet, token });
    await chain.clock.elapse(ROTATION);
    line.send({ type: 'closing', reason: 'replaced' });
    line.close(1000);
    await store.next('close');
    answer('second');
    expect((await chain.lines.next()).token).toBe('second');
    await store.next('open');
    expect(store.unread('replaced')).toBe(0);
  });
});

describe('a store that is told to go', () => {
  const MINUTE = 60_000;

  it.each<[string, object, object | undefined]>([
    ['replaced', { by: 'another-1' }, { by: 'another-1' }],
    ['replaced', {}, { by: undefined }],
    ['revoked', {}, undefined],
  ])('stays away once it is %s %j, until it is told to come back', async (reason, by, event) => {
    const { store, line } = await syncedStore();
    line.send({ type: 'closing', reason, ...by });
    expect(await store.next(reason as 'replaced')).toEqual(event);
    await line.closed;
    expect(store.client.connected).toBe(false);
    chain.clock.advance(MINUTE - 1);
    expect(chain.lines.size).toBe(0);
    store.client.reconnect();
    await (await chain.lines.next()).sync({ all: 0 });
    expect(await store.next('open')).toEqual({ rotated: false });
  });

  it('comes back ten minutes after another one has replaced it', async () => {
    const { store, line } = await syncedStore();
    line.send({ type: 'closing', reason: 'replaced', by: 'another-1' });
    await store.next('replaced');
    chain.clock.advance(10 * MINUTE - 1);
    expect(chain.lines.size).toBe(0);
    await chain.clock.elapse(1);
    await chain.lines.next();
  });

  // Nobody came to the shop, and a restored store stayed away for good.
  it('asks once a minute whether it is restored, whatever the runtime tells of a refusal', async () => {
    const { store, line } = await syncedStore();
    line.send({ type: 'closing', reason: 'revoked' });
    await store.next('revoked');
    chain.refusals = [403, 403];
    for (let refusal = 0; refusal < 2; refusal += 1) {
      await chain.clock.elapse(MINUTE);
      await store.next('error');
    }
    await chain.clock.elapse(MINUTE);
    await chain.lines.next();
  });

  it('leaves the line for a minute where it is revoked and the line could not be closed', async () => {
    const { store, line } = await syncedStore();
    line.send({ type: 'error', code: 'forbidden', message: 'the store is revoked' });
    await store.next('revoked');
    await line.closed;
    chain.clock.advance(MINUTE - 1);
    expect(chain.lines.size).toBe(0);
    await chain.clock.elapse(1);
    await chain.lines.next();
  });

  it('asks no more than once a minute where its first handshake is answered 403', async () => {
    chain.refusals = [403];
    const store = chain.store({ WebSocket });
    await store.next('error');
    await chain.clock.elapse(MINUTE);
    await chain.lines.next();
  });

  it('closes for good', async () => {
    const { store, line } = await syncedStore();
    await store.client.close();
    await line.closed;
    store.client.reconnect();
    await store.client.close();
    chain.clock.advance(24 * 3_600_000);
    expect(chain.lines.size).toBe(0);
    expect(store.unread('close')).toBe(1);
  });
});

describe('a store that is closed while it waits for its token', () => {
  it('does not connect any more', async () => {
    let answer = (_: string): void => {};
    let asked = (): void => {};
    const isAsked = new Promise<void>(resolve => (asked = resolve));
    const store = chain.store({
      token: () => {
        asked();
        return new Promise<string>(resolve => (answer = resolve));
      },
    });
    await isAsked;
    const closing = store.client.close();
    answer('late');
    await closing;
    chain.store({ token: 'other' });
    expect((await chain.lines.next()).token).toBe('other');
  });
});

describe('a store that is closed while the chain still speaks to it', () => {
  // The program of a store, closed in such a moment, ran on until the offer was over.
  it('waits for nothing any more', async () => {
    const { store, line } = await syncedStore();
    await store.client.send(sale(1));
    const closing = store.client.close();
    await line.next('sales');
    line.send(offer(1, chain.time.timestamp(2 * 3_600_000)));
    await store.next('applied');
    chain.clock.advance(1_000);
    await closing;
    expect(chain.clock.waiting).toBe(0);
  });
});

describe('listeners', () => {
  it('hear nothing once they have unsubscribed', async () => {
    const store = chain.store();
    const heard: string[] = [];
    const off = store.client.on('open', () => heard.push('off'));
    store.client.on('open', () => heard.push('on'));
    off();
    await chain.lines.next();
    await store.next('open');
    expect(heard).toEqual(['on']);
  });
});
