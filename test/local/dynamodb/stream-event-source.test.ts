/** How Lambda reads a stream: batches, their window, and what becomes of one that fails. */

import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AdjustableClock, createClock } from '../../../local/cloud-clock.ts';
import { StreamBacklog } from '../../../local/dynamodb/stream-backlog.ts';
import {
  StreamEventSource,
  type StreamEventSourceDefinition,
} from '../../../local/dynamodb/stream-event-source.ts';
import { type StreamRecord, TableStream } from '../../../local/dynamodb/table-stream.ts';
import { parseEventPattern } from '../../../local/eventbridge/pattern.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/2000-01-01T00:00:00.000';
type Answer = { payload: unknown } | { functionError: object } | { throttled: true };
const done: Answer = { payload: null };
const failed: Answer = { functionError: {} };

interface Poller {
  clock: AdjustableClock;
  /** Writes items of these names. */
  write(...names: string[]): void;
  /** Names of the items of each batch so far. */
  batches: string[][];
  logs: string[];
  stop(): void;
}

/** A poller whose function answers each batch as told, the last answer for ever. */
function startPoller(definition: Partial<StreamEventSourceDefinition>, ...answers: Answer[]): Poller {
  const clock = createClock();
  const stream = new TableStream(
    { arn: ARN, viewType: 'NEW_IMAGE' },
    { region: 'us-east-1', now: () => clock.now() },
  );
  const batches: string[][] = [];
  const logs: string[] = [];
  const source = new StreamEventSource(
    {
      name: 'Source',
      isLasting: false,
      bisects: false,
      streamArn: ARN,
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:F',
      batchSize: 100,
      windowSeconds: 0,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      ...definition,
    },
    {
      stream,
      clock,
      async invoke(_, event) {
        const { Records } = JSON.parse(event) as { Records: StreamRecord[] };
        batches.push(Records.map(({ dynamodb }) => (dynamodb.Keys.k as { S: string }).S));
        return (answers.length > 1 ? answers.shift() : answers[0]) ?? done;
      },
      log: line => logs.push(line),
    },
  );
  source.start();
  onTestFinished(() => source.stop());
  const write = (name: string): void => {
    const keys = { k: { S: name } };
    stream.append({ tableName: 'T', keys, before: undefined, after: keys })();
  };
  return {
    clock,
    batches,
    logs,
    write: (...names) => names.forEach(write),
    stop: () => source.stop(),
  };
}

/** Lets go by what is under way, without waiting for time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
}

const expectBatches = ({ batches }: Poller, ...expected: string[][]) =>
  vi.waitFor(() => expect(batches).toEqual(expected));

describe('a batch', () => {
  it('waits for its window, from its first record on', async () => {
    const poller = startPoller({ windowSeconds: 300 });
    poller.write('a');
    await settle();
    poller.clock.advance(299_000);
    poller.write('b');
    await settle();
    expect(poller.batches).toEqual([]);
    poller.clock.advance(1_000);
    await expectBatches(poller, ['a', 'b']);
  });

  it('waits no longer once it is full, and the rest goes with the next', async () => {
    const poller = startPoller({ windowSeconds: 300, batchSize: 2 });
    poller.write('a', 'b', 'c');
    await expectBatches(poller, ['a', 'b']);
    poller.clock.advance(300_000);
    await expectBatches(poller, ['a', 'b'], ['c']);
  });

  it('goes at once where there is no window', async () => {
    const poller = startPoller({});
    poller.write('a');
    await expectBatches(poller, ['a']);
  });

  it('carries no more than an invocation may', async () => {
    const poller = startPoller({});
    const large = (name: string) => name + 'x'.repeat(1.5 * 1024 * 1024);
    const names = ['a', 'b', 'c'].map(large);
    poller.write(...names);
    // The name is in the keys and in the image.
    await vi.waitFor(() => expect(poller.batches.map(batch => batch.length)).toEqual([1, 1, 1]));
    expect(poller.batches.flat()).toEqual(names);
  });
});

it('hears of what one of its filters matches alone', async () => {
  const filters = ['a', 'c'].map(name => parseEventPattern({ dynamodb: { Keys: { k: { S: [name] } } } }));
  const poller = startPoller({ filters });
  poller.write('b', 'a', 'b', 'c');
  await expectBatches(poller, ['a', 'c']);
});

describe('a batch that fails', () => {
  it('is handed over again, and those behind it wait', async () => {
    const poller = startPoller({ batchSize: 1 }, failed, failed, done);
    poller.write('a', 'b');
    await expectBatches(poller, ['a']);
    for (const expected of [
      [['a'], ['a']],
      [['a'], ['a'], ['a'], ['b']],
    ]) {
      await settle();
      poller.clock.advance(60_000);
      await expectBatches(poller, ...expected);
    }
    expect(poller.logs).toEqual([]);
  });

  it('is given up after its attempts, and the next one goes', async () => {
    const poller = startPoller({ batchSize: 1, maximumRetryAttempts: 1 }, failed, failed, done);
    poller.write('a', 'b');
    await expectBatches(poller, ['a']);
    await settle();
    poller.clock.advance(60_000);
    await expectBatches(poller, ['a'], ['a'], ['b']);
    expect(poller.logs).toEqual([expect.stringContaining('1 records were given up')]);
  });

  it('is given up when its records are too old', async () => {
    const poller = startPoller({ maximumRecordAgeSeconds: 60 }, failed);
    poller.write('a');
    await expectBatches(poller, ['a']);
    await settle();
    poller.clock.advance(61_000);
    await vi.waitFor(() => expect(poller.logs).toHaveLength(1));
    expect(poller.batches).toEqual([['a']]);
  });

  it('uses up no attempt where its function was throttled', async () => {
    const poller = startPoller({ maximumRetryAttempts: 0 }, { throttled: true }, { throttled: true }, done);
    poller.write('a');
    await expectBatches(poller, ['a']);
    for (const expected of [
      [['a'], ['a']],
      [['a'], ['a'], ['a']],
    ]) {
      await settle();
      poller.clock.advance(60_000);
      await expectBatches(poller, ...expected);
    }
    expect(poller.logs).toEqual([]);
  });
});

it('takes up nothing any more once it is stopped', async () => {
  const poller = startPoller({ windowSeconds: 300 });
  poller.write('a');
  await settle();
  poller.stop();
  poller.clock.advance(300_000);
  poller.write('b');
  await settle();
  expect(poller.batches).toEqual([]);
});

describe('a lasting source', () => {
  /** A stream's source over processes: the database alone is what the next one finds. */
  function startLasting(database: DatabaseSync, answer: Answer, isWritten = true) {
    const clock = createClock();
    const stream = new TableStream(
      { arn: ARN, viewType: 'NEW_IMAGE' },
      { region: 'us-east-1', now: () => clock.now() },
    );
    const batches: string[][] = [];
    const told: string[] & { refuses?: boolean } = [];
    const logs: string[] = [];
    const source = new StreamEventSource(
      {
        ...{ name: 'Source', isLasting: true, bisects: true, streamArn: ARN, functionArn: 'F' },
        ...{ batchSize: 100, windowSeconds: 0, maximumRetryAttempts: 1, maximumRecordAgeSeconds: -1 },
        onFailure: 'queue',
      },
      {
        stream,
        clock,
        backlog: new StreamBacklog(database, 'Source'),
        isWritten: () => Promise.resolve(isWritten),
        async invoke(_, event) {
          const { Records } = JSON.parse(event) as { Records: StreamRecord[] };
          batches.push(Records.map(({ dynamodb }) => (dynamodb.Keys.k as { S: string }).S));
          return answer;
        },
        async tell(_, body) {
          if (told.refuses) throw new Error('the queue takes nothing');
          told.push(body);
        },
        log: line => logs.push(line),
      },
    );
    source.start();
    onTestFinished(() => source.stop());
    const write = (name: string) => {
      const keys = { k: { S: name } };
      return stream.append({ tableName: 'T', keys, before: undefined, after: keys });
    };
    return { batches, clock, logs, source, told, write };
  }

  const left = (database: DatabaseSync) => new StreamBacklog(database, 'Source').read().length;

  it('hands over in the next process what this one has not, in its order, and nothing twice', async () => {
    const database = new DatabaseSync(':memory:');
    onTestFinished(() => database.close());
    const first = startLasting(database, { throttled: true } as Answer);
    first.write('a')();
    first.write('b')();
    await expect.poll(() => first.batches.length).toBeGreaterThan(0);
    first.source.stop();
    const second = startLasting(database, done);
    second.write('c')();
    await expect.poll(() => second.batches.flat()).toEqual(['a', 'b', 'c']);
    await expect.poll(() => left(database)).toBe(0);
  });

  it.each([
    ['hands over a record whose write was made when its process was killed', true, ['a']],
    ['forgets a record whose write was not', false, []],
  ])('%s', async (_, isWritten, handed) => {
    const database = new DatabaseSync(':memory:');
    onTestFinished(() => database.close());
    const killed = startLasting(database, done);
    killed.write('a');
    killed.source.stop();
    const next = startLasting(database, done, isWritten);
    await expect.poll(() => left(database)).toBe(0);
    await expect.poll(() => next.batches.flat()).toEqual(handed);
  });

  // In the chaos run the process ended there.
  it('goes on where the disk takes no more notes, and hands over in the next process what it could not note', async () => {
    const database = new DatabaseSync(':memory:');
    onTestFinished(() => database.close());
    const first = startLasting(database, done);
    const written = first.write('a');
    database.exec('PRAGMA query_only = ON');
    written();
    await expect.poll(() => first.batches.flat()).toEqual(['a']);
    await expect.poll(() => first.logs.length).toBe(2);
    expect(first.logs[0]).toMatch(/queues\.db can't be used/);
    database.exec('PRAGMA query_only = OFF');
    first.write('b')();
    await expect.poll(() => first.batches.flat()).toEqual(['a', 'b']);
    await expect.poll(() => left(database)).toBe(1);
    first.source.stop();
    const second = startLasting(database, done);
    await expect.poll(() => second.batches.flat()).toEqual(['a']);
  });

  it('hands a batch that fails over in halves, and tells a queue of what it gives up', async () => {
    const database = new DatabaseSync(':memory:');
    onTestFinished(() => database.close());
    const { batches, clock, logs, told, write } = startLasting(database, failed);
    told.refuses = true;
    write('a')();
    write('b')();
    await expect
      .poll(() => {
        clock.advance(60_000);
        return logs.join();
      })
      .toContain('the queue takes nothing');
    told.refuses = false;
    await expect
      .poll(() => {
        clock.advance(60_000);
        return told.length;
      })
      .toBe(2);
    expect(batches[0]?.length).toBeLessThanOrEqual(2);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted' },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: ARN },
    });
    expect(left(database)).toBe(0);
  });
});
