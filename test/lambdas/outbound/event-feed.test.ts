/** How outbound events are put: in as few priced events as hold them, in their order, none lost. */
import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { OutboundFeed } from '../../../lambdas/outbound/event-feed.ts';
import { listEvents, type PutEvent, requestsOf } from '../../../lambdas/outbound/event-parts.ts';

const KB = 1_024;
const item = (bytes: number, id = 0) => JSON.stringify({ id, x: 'x'.repeat(bytes) });
const sizeOf = ({ detail, type }: PutEvent) => Buffer.byteLength(`storecast${type}${detail}`);
const itemsIn = ({ detail }: PutEvent) =>
  (JSON.parse(detail) as { sales: { id: number }[] }).sales.map(({ id }) => id);

describe('a list', () => {
  it('fills what is billed as one event, and no more, in its order', () => {
    const events = listEvents(
      'SalesRecorded',
      'sales',
      Array.from({ length: 400 }, (_, id) => item(500, id)),
    );
    for (const event of events) expect(sizeOf(event)).toBeLessThanOrEqual(64 * KB);
    for (const event of events.slice(0, -1)) expect(sizeOf(event)).toBeGreaterThan(63 * KB);
    expect(events.flatMap(itemsIn)).toEqual(Array.from({ length: 400 }, (_, id) => id));
  });

  it('counts bytes, not characters', () => {
    const events = listEvents('SalesRecorded', 'sales', [item(0), JSON.stringify({ x: 'ü'.repeat(32_740) })]);
    expect(events).toHaveLength(2);
  });

  it('of nothing is no event', () => {
    expect(listEvents('SalesRecorded', 'sales', [])).toEqual([]);
  });
});

it('a request holds ten events, and 250 KB at most', () => {
  const event = (bytes: number): PutEvent => ({ type: 'StoreConnected', detail: 'x'.repeat(bytes) });
  expect(requestsOf(Array.from({ length: 25 }, () => event(10))).map(({ length }) => length)).toEqual([
    10, 10, 5,
  ]);
  expect(requestsOf(Array.from({ length: 7 }, () => event(64 * KB))).map(({ length }) => length)).toEqual([
    3, 3, 1,
  ]);
});

function feedOf(answer: (detail: string) => PutEventsResultEntry) {
  const put: string[] = [];
  const letters: unknown[] = [];
  const feed = new OutboundFeed({
    bus: {
      async putAll(events) {
        put.push(...events.map(({ detail }) => detail));
        return events.map(({ detail }) => answer(detail));
      },
    },
    deadLetters: {
      async send({ id: _, ...event }: { id: string; detail: unknown }, code: string, reason: string) {
        letters.push({ event, code, reason });
      },
    },
  });
  return { feed, letters, put };
}

const connected = (name: string): PutEvent => ({
  type: 'StoreConnected',
  detail: JSON.stringify({ storeId: name }),
});

describe('the feed', () => {
  it('puts all, in their order', async () => {
    const { feed, put } = feedOf(() => ({ EventId: 'e' }));
    expect(await feed.put(['a', 'b'].map(connected))).toEqual({ put: 2, dead: 0 });
    expect(put).toEqual(['{"storeId":"a"}', '{"storeId":"b"}']);
  });

  it('sets an event aside with its reason that the bus will never take, and goes on', async () => {
    const { feed, letters } = feedOf(detail =>
      detail.includes('"a"')
        ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
        : { EventId: 'e' },
    );
    expect(await feed.put(['a', 'b'].map(connected))).toEqual({ put: 1, dead: 1 });
    expect(letters).toEqual([
      {
        event: { source: 'storecast', 'detail-type': 'StoreConnected', detail: { storeId: 'a' } },
        code: 'MalformedDetail',
        reason: 'Detail is malformed.',
      },
    ]);
  });

  it.each([
    [
      'is throttled',
      { ErrorCode: 'ThrottlingException', ErrorMessage: 'slower' },
      'ThrottlingException: slower',
    ],
    ['says nothing', {}, 'no answer: the bus gave no reason'],
  ])('fails where the bus %s, so that the stream hands all over again', async (_, answer, reason) => {
    const { feed, letters } = feedOf(() => answer);
    await expect(feed.put([connected('a')])).rejects.toThrow(reason);
    expect(letters).toEqual([]);
  });
});
