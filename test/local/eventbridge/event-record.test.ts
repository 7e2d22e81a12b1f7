/** What the local cloud records of the events that were put. */
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { answerEvents } from '../../../local/edge/events-route.ts';
import { EventRecord } from '../../../local/eventbridge/event-record.ts';
import type { HttpRequest } from '../../../local/http.ts';

function open(): EventRecord {
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  return new EventRecord(database);
}

const get = (record: EventRecord, query: string, change: Partial<HttpRequest> = {}) =>
  answerEvents(
    {
      ...{ method: 'GET', path: '/_local/events', query, headers: {}, body: Buffer.alloc(0), sourceIp: '' },
      ...change,
    },
    record,
  );
const read = (record: EventRecord, query: string) => JSON.parse(String(get(record, query)?.body));

test('is read by bus, in its order, page by page', () => {
  const record = open();
  for (let id = 1; id <= 5; id += 1) record.add(id % 2 === 0 ? 'other' : 'shop', { id });
  expect(read(record, 'bus=shop&limit=2')).toEqual({ items: [{ id: 1 }, { id: 3 }], cursor: 3 });
  expect(read(record, 'bus=shop&after=3')).toEqual({ items: [{ id: 5 }], cursor: 5 });
  expect(read(record, 'bus=shop&after=5')).toEqual({ items: [], cursor: 5 });
  expect(read(record, '').items).toHaveLength(5);
});

test('keeps the newest, by their number and by what they take', () => {
  const record = open();
  const text = 'x'.repeat(1_024 * 1_024);
  for (let id = 1; id <= 500; id += 1) record.add('shop', { id, ...(id > 400 ? { text } : {}) });
  const ids = record.read({ after: 0, limit: 1_000 }).map(({ number }) => number);
  expect([ids[0], ids.at(-1), ids.length]).toEqual([438, 500, 63]);
});

test('is for reading alone, by whole numbers', () => {
  expect(get(open(), '', { method: 'POST' })?.status).toBe(403);
  expect(get(open(), 'after=x')?.status).toBe(400);
  expect(get(open(), '', { path: '/_local/other' })).toBeUndefined();
});
