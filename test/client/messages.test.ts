/** Messages of any topic: to the handler of their topic, and out of the outbox until the chain has them. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RejectUpdate } from '../../client/node.ts';
import { fileOutbox } from '../../client/sales/file-outbox.ts';
import { memoryOutbox } from '../../client/sales/outbox-storage.ts';
import { syncedStore } from './sales.ts';
import { price, ScriptedChain, type ScriptedLine } from './scripted-chain.ts';

let chain: ScriptedChain;
let directory: string;
beforeEach(async () => {
  chain = await ScriptedChain.start();
  directory = await mkdtemp(join(tmpdir(), 'storecast-messages-'));
});
afterEach(async () => {
  await chain.stop();
  await rm(directory, { recursive: true });
});

const message = (n: number, topic = 'recall', data: unknown = { lot: n }) =>
  price(n, { id: `message-${n}`, kind: 'message.published', data: { topic, data } });

describe('a message of the chain', () => {
  it('comes to the handlers of its topic, and its receipt waits for them', async () => {
    const { store, line } = await syncedStore(chain);
    const seen: unknown[] = [];
    let finish = (): void => {};
    const finished = new Promise<void>(resolve => {
      finish = resolve;
    });
    store.client.onMessage('recall', async ({ id, topic, data }) => {
      seen.push([id, topic, data]);
      await finished;
    });
    store.client.onMessage('notice', () => void seen.push('another topic'));
    line.send(message(1));
    await store.next('update');
    expect([seen, store.unread('applied')]).toEqual([[['message-1', 'recall', { lot: 1 }]], 0]);
    finish();
    expect((await store.next('applied')).update.id).toBe('message-1');
    await chain.clock.elapse(1_000);
    expect((await line.accept()).updates).toMatchObject([{ id: 'message-1' }]);
    expect([store.client.book.skus(), store.client.positions]).toEqual([[], { all: 1 }]);
  });

  it('comes again where its handler failed, and is refused where that says so', async () => {
    const { store, line } = await syncedStore(chain);
    let attempts = 0;
    store.client.onMessage('recall', () => {
      attempts += 1;
      if (attempts === 1) throw new Error('the printer is out of paper');
    });
    store.client.onMessage('notice', () => {
      throw new RejectUpdate('nobody reads here');
    });
    line.send(message(1));
    expect((await store.next('error')).message).toContain('message-1');
    await chain.clock.elapse(500);
    expect((await store.next('applied')).update.id).toBe('message-1');
    line.send(message(2, 'notice'));
    expect(await store.next('rejected')).toMatchObject({ reason: 'nobody reads here' });
  });

  it('that nobody takes is refused, so that no receipt says it was seen', async () => {
    const { store, line } = await syncedStore(chain);
    const unsubscribe = store.client.onMessage('recall', () => {});
    unsubscribe();
    line.send(message(1));
    expect(await store.next('rejected')).toMatchObject({ reason: 'unsupported_topic' });
  });

  it('comes to the application, whatever its topic', async () => {
    const applied: unknown[] = [];
    const { store, line } = await syncedStore(chain, { apply: ({ data }) => void applied.push(data) });
    line.send(message(1, 'anything', null));
    await store.next('applied');
    expect(applied).toEqual([{ topic: 'anything', data: null }]);
  });
});

const accept = async (line: ScriptedLine) => {
  const { action: _, requestId, ...sent } = await line.next('message');
  line.send({ type: 'message.accepted', requestId, messageId: sent.messageId });
  return sent;
};

describe("a store's message", () => {
  it('leaves at once, one after the other, in their order, once each', async () => {
    const { store, line } = await syncedStore(chain, { outbox: fileOutbox(directory) });
    const first = await store.client.sendMessage('stock-request', { sku: 'A' });
    const second = await store.client.sendMessage('stock-request', [1], {
      inReplyTo: 'u-1',
      messageId: 'm2',
    });
    expect(await accept(line)).toEqual({ topic: 'stock-request', data: { sku: 'A' }, messageId: first });
    expect(await accept(line)).toEqual({
      topic: 'stock-request',
      data: [1],
      inReplyTo: 'u-1',
      messageId: second,
    });
    expect(second).toBe('m2');
    expect(await store.next('message.accepted')).toEqual({ messageId: first, topic: 'stock-request' });
    await store.next('message.accepted');
    await store.client.close();
    expect(await left(directory)).toEqual([]);
  });

  it('is repeated under its id: without an answer, after a fault, on a new line', async () => {
    const { store, line } = await syncedStore(chain);
    const id = await store.client.sendMessage('t', 1);
    const asked = await line.next('message');
    await chain.clock.elapse(10_500);
    const again = await line.next('message');
    line.send({ type: 'error', requestId: again.requestId, code: 'internal', message: 'sorry' });
    await store.next('error');
    await chain.clock.elapse(2_000);
    const third = await line.next('message');
    line.send({ message: 'Internal server error', connectionId: 'c', requestId: 'g' });
    await chain.clock.elapse(8_000);
    const fourth = await line.next('message');
    line.break();
    await store.next('close');
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    const fifth = await accept(next);
    for (const frame of [asked, again, third, fourth, fifth]) expect(frame.messageId).toBe(id);
    expect(await store.next('message.accepted')).toMatchObject({ messageId: id });
  });

  it('goes with the next process where the last one was killed before its answer', async () => {
    const before = await syncedStore(chain, { outbox: fileOutbox(directory) });
    const ids = [
      await before.store.client.sendMessage('t', 1),
      await before.store.client.sendMessage('t', 2),
    ];
    // What the killed process leaves, without the lock that this one still holds.
    const killed = join(directory, 'left');
    await cp(join(directory, 'sales.log'), join(killed, 'sales.log'));
    const after = await syncedStore(chain, { outbox: fileOutbox(killed) });
    expect([(await accept(after.line)).messageId, (await accept(after.line)).messageId]).toEqual(ids);
  });

  it('that the chain will never take leaves the outbox, is told, and holds up no other', async () => {
    const { store, line } = await syncedStore(chain);
    const bad = await store.client.sendMessage('unknown', 1);
    const good = await store.client.sendMessage('t', 2);
    const { requestId } = await line.next('message');
    line.send({ type: 'error', requestId, code: 'invalid_frame', message: 'no such topic' });
    expect((await accept(line)).messageId).toBe(good);
    expect(await store.next('message.refused')).toEqual({
      messageId: bad,
      topic: 'unknown',
      code: 'invalid_frame',
      message: 'no such topic',
    });
  });

  it('waits for a newer chain where this one knows no messages', async () => {
    const { store, line } = await syncedStore(chain);
    const id = await store.client.sendMessage('t', 1);
    const { requestId } = await line.next('message');
    line.send({ type: 'error', requestId, code: 'unknown_action', message: 'what?' });
    await store.next('error');
    expect(store.unread('message.refused')).toBe(0);
    line.break();
    await store.next('close');
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    expect((await accept(next)).messageId).toBe(id);
  });

  it.each<[string, [string, unknown, object?], string]>([
    ['of a topic that is no name', ['a b', 1], 'invalid_message'],
    ['that is no JSON', ['t', undefined], 'invalid_message'],
    ['that holds itself', ['t', circle()], 'invalid_message'],
    ['with an id that is no name', ['t', 1, { messageId: '' }], 'invalid_message'],
    ['too large for a frame', ['t', 'x'.repeat(31_000)], 'too_large'],
  ])('%s is not stored', async (_, [topic, data, options], code) => {
    const outbox = memoryOutbox();
    const { client } = chain.store({ outbox });
    await expect(client.sendMessage(topic, data, options)).rejects.toMatchObject({ code });
    expect(await outbox.messages?.load()).toEqual([]);
  });

  it('is stored once where its call is repeated; another one of its id is refused', async () => {
    const outbox = memoryOutbox();
    const { client } = chain.store({ outbox });
    const send = (data: unknown) => client.sendMessage('t', data, { messageId: 'm' });
    expect([await send(1), await send(1)]).toEqual(['m', 'm']);
    await expect(send(2)).rejects.toMatchObject({ code: 'message_id_taken' });
    expect(await outbox.messages?.load()).toHaveLength(1);
  });

  it('is not taken by an outbox that keeps sales alone', async () => {
    const { messages: _, ...salesAlone } = memoryOutbox();
    const { client } = chain.store({ outbox: salesAlone });
    await expect(client.sendMessage('t', 1)).rejects.toThrow('keeps no messages');
  });
});

function circle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}

/** What a new client would find. */
async function left(folder: string): Promise<unknown[]> {
  const outbox = fileOutbox(folder);
  await outbox.load(() => {});
  const found = (await outbox.messages?.load()) ?? [];
  await outbox.close?.();
  return found;
}
