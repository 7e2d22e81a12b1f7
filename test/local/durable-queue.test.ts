import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { type AdjustableClock, createClock } from '../../local/cloud-clock.ts';
import { DurableQueue, type JobAnswer, type QueuedJob } from '../../local/durable-queue.ts';

function createQueue(
  options: { database?: DatabaseSync; clock?: AdjustableClock; concurrency?: number } = {},
) {
  const database = options.database ?? new DatabaseSync(':memory:');
  const clock = options.clock ?? createClock();
  const logged: string[] = [];
  const queue = new DurableQueue<string>({
    database,
    table: 'jobs',
    clock,
    log: line => logged.push(line),
    ...(options.concurrency ? { concurrency: options.concurrency } : {}),
  });
  if (!options.database) {
    onTestFinished(async () => {
      await queue.stop();
      database.close();
    });
  }
  return { queue, database, clock, logged };
}

/** Gives the queue's workers to the test one by one; each waits for the test's answer. */
function attendedWorker() {
  const given: Attended[] = [];
  const waiting: ((attended: Attended) => void)[] = [];
  const worker = (queued: QueuedJob<string>): Promise<JobAnswer<string>> => {
    const { promise, resolve, reject } = Promise.withResolvers<JobAnswer<string>>();
    const attended = { ...queued, answer: resolve, fail: reject };
    const receiver = waiting.shift();
    if (receiver) receiver(attended);
    else given.push(attended);
    return promise;
  };
  const next = (): Promise<Attended> => {
    const attended = given.shift();
    return attended ? Promise.resolve(attended) : new Promise(resolve => waiting.push(resolve));
  };
  return { worker, next, given };
}

type Attended = QueuedJob<string> & {
  answer: (answer: JobAnswer<string>) => void;
  fail: (error: Error) => void;
};

const loopTurns = async (turns = 5): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve));
};

test('stores a job before add returns and deletes it when it is done', async () => {
  const { queue, clock } = createQueue();
  const before = clock.now();
  queue.add('a');
  expect(queue.size).toBe(1);

  const { worker, next } = attendedWorker();
  queue.start(worker);
  const first = await next();
  expect(first).toMatchObject({ job: 'a', attempts: 0 });
  expect(first.addedAt).toBeGreaterThanOrEqual(before);
  first.answer('done');
  await loopTurns();
  expect(queue.size).toBe(0);
});

test('gives no job to a worker before add has returned', async () => {
  const { queue } = createQueue();
  const { worker, next, given } = attendedWorker();
  queue.start(worker);
  queue.add('a');
  expect(given).toHaveLength(0);
  (await next()).answer('done');
});

test('runs a retried job again when it is due by the clock, with its attempts and its new state', async () => {
  const { queue, clock } = createQueue();
  const { worker, next, given } = attendedWorker();
  queue.start(worker);
  queue.add('a');
  (await next()).answer({ retryAt: clock.now() + 60_000, job: 'b' });
  await loopTurns();

  clock.advance(59_000);
  await loopTurns();
  expect(given).toHaveLength(0);

  clock.advance(1_000);
  const second = await next();
  expect(second).toMatchObject({ job: 'b', attempts: 1 });
  second.answer('done');
});

test('keeps a job until its due time and takes others first', async () => {
  const { queue, clock } = createQueue();
  const { worker, next } = attendedWorker();
  queue.add('later', { dueAt: clock.now() + 3_600_000 });
  queue.add('now');
  queue.start(worker);
  const first = await next();
  expect(first.job).toBe('now');
  first.answer('done');
  await loopTurns();

  clock.advance(3_600_000);
  const second = await next();
  expect(second.job).toBe('later');
  second.answer('done');
});

test('logs a worker that throws and backs off instead of losing the job or looping', async () => {
  const { queue, clock, logged } = createQueue();
  const { worker, next, given } = attendedWorker();
  queue.start(worker);
  queue.add('a');
  (await next()).fail(new Error('no such queue'));
  await loopTurns();
  expect(logged).toEqual(['job 1 failed and is tried again in 1 s: no such queue']);
  expect(given).toHaveLength(0);
  expect(queue.size).toBe(1);

  clock.advance(1_000);
  (await next()).fail(new Error('no such queue'));
  await loopTurns();
  clock.advance(1_000);
  await loopTurns();
  expect(given).toHaveLength(0);
  clock.advance(1_000);
  (await next()).answer('done');
});

test('treats a worker that throws before it returns a promise like one that rejects', async () => {
  const { queue, logged } = createQueue();
  queue.start(() => {
    throw new Error('at once');
  });
  queue.add('a');
  await loopTurns();
  expect(logged).toHaveLength(1);
  expect(queue.size).toBe(1);
});

test('runs no more jobs side by side than its concurrency', async () => {
  const { queue } = createQueue({ concurrency: 2 });
  const { worker, next, given } = attendedWorker();
  for (const job of ['a', 'b', 'c']) queue.add(job);
  queue.start(worker);
  const first = await next();
  const second = await next();
  await loopTurns();
  expect(given).toHaveLength(0);
  first.answer('done');
  const third = await next();
  expect(third.job).toBe('c');
  second.answer('done');
  third.answer('done');
});

test('runs what was in flight at a crash again', async () => {
  const { queue, database, clock } = createQueue();
  const crashed = attendedWorker();
  queue.start(crashed.worker);
  queue.add('a');
  const first = await crashed.next();

  const restarted = createQueue({ database, clock }).queue;
  const survivor = attendedWorker();
  restarted.start(survivor.worker);
  const again = await survivor.next();
  expect(again.job).toBe('a');
  again.answer('done');
  await restarted.stop();
  expect(restarted.size).toBe(0);
  first.answer('done');
});

test('stops when the jobs in flight have ended, and begins no other', async () => {
  const { queue } = createQueue({ concurrency: 1 });
  const { worker, next, given } = attendedWorker();
  queue.start(worker);
  queue.add('a');
  queue.add('b');
  const first = await next();
  let stopped = false;
  const stop = queue.stop().then(() => {
    stopped = true;
  });
  await loopTurns();
  expect(stopped).toBe(false);
  first.answer('done');
  await stop;
  await loopTurns();
  expect(given).toHaveLength(0);
  expect(queue.size).toBe(1);
});

test('leaves a job stored whose worker ends after the database was closed', async () => {
  const database = new DatabaseSync(':memory:');
  const { queue } = createQueue({ database });
  const { worker, next } = attendedWorker();
  queue.start(worker);
  queue.add('a');
  const first = await next();
  const stop = queue.stop();
  database.close();
  first.answer('done');
  await expect(stop).resolves.toBeUndefined();
});
