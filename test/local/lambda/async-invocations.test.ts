import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClock } from '../../../local/cloud-clock.ts';
import { arnOf, createLambda, type Delivered } from './lambda-fixture.ts';

const TARGET = 'arn:aws:sqs:eu-central-1:123456789012:failures';
const DEAD_LETTERS = 'arn:aws:sqs:eu-central-1:123456789012:dead-letters';
const failing = `exports.handler = async (event, context) => {
  console.log('run', context.awsRequestId);
  throw new RangeError('no luck');
};`;

const runsIn = (logged: string[]): string[] => logged.filter(line => line.startsWith('fn: run '));
const runs = (logged: string[], count: number) =>
  vi.waitFor(() => expect(runsIn(logged)).toHaveLength(count), { interval: 2 });
const stored = (database: DatabaseSync): unknown =>
  database.prepare('SELECT count(*) AS n FROM lambda_fn').get()?.n;
const emptied = (database: DatabaseSync) =>
  vi.waitFor(() => expect(stored(database)).toBe(0), { interval: 2 });
/** The answer of a run is stored before its retry can fall due, so an advance must come after it. */
const attemptStored = (database: DatabaseSync, attempts: number) =>
  vi.waitFor(
    () => expect(database.prepare('SELECT attempts FROM lambda_fn').get()?.attempts).toBe(attempts),
    { interval: 2 },
  );

test('stores an asynchronous invocation before it returns and runs it once started', async () => {
  const { service, database, logged } = createLambda({
    fn: { code: `exports.handler = async event => console.log('run', event.a);` },
  });
  service.invokeAsync('fn', { a: 1 });
  expect(stored(database)).toBe(1);
  service.start();
  await runs(logged, 1);
  await emptied(database);
  expect(logged).toEqual(['fn: run 1']);
});

test('retries a function error after one minute and after two, then sends the record of it', async () => {
  const { service, clock, database, logged, delivered } = createLambda({
    fn: { code: failing, async: { onFailure: TARGET } },
  });
  service.start();
  service.invokeAsync('fn', { a: 1 });
  await attemptStored(database, 1);
  clock.advance(59_000);
  clock.advance(1_000);
  await attemptStored(database, 2);
  clock.advance(119_000);
  expect(runsIn(logged)).toHaveLength(2);
  clock.advance(1_000);
  const { body, ...rest } = await delivered.next();
  expect(new Set(runsIn(logged)).size).toBe(1);
  expect(runsIn(logged)).toHaveLength(3);
  expect(rest).toEqual({ functionArn: arnOf('fn'), targetArn: TARGET, attributes: {} });
  expect(JSON.parse(body)).toEqual({
    version: '1.0',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    requestContext: {
      requestId: logged[0]?.slice('fn: run '.length),
      functionArn: `${arnOf('fn')}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { a: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'RangeError', errorMessage: 'no luck', trace: expect.any(Array) },
  });
  await emptied(database);
});

test('sends the dead letter as the event itself, with the reason in its attributes', async () => {
  const { service, database, delivered } = createLambda({
    fn: {
      code: `exports.handler = async () => { throw new Error('x'.repeat(5000)); };`,
      async: { maximumRetryAttempts: 0, deadLetterTarget: DEAD_LETTERS, onFailure: TARGET },
    },
  });
  service.start();
  service.invokeAsync('fn', { sku: 'ü' });
  expect((await delivered.next()).targetArn).toBe(TARGET);
  expect(await delivered.next()).toEqual({
    functionArn: arnOf('fn'),
    targetArn: DEAD_LETTERS,
    body: '{"sku":"ü"}',
    attributes: {
      RequestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ErrorCode: '200',
      ErrorMessage: 'x'.repeat(1024),
    },
  });
  await emptied(database);
});

test('discards a failed invocation without a destination, and says so', async () => {
  const { service, database, logged } = createLambda({
    fn: { code: failing, async: { maximumRetryAttempts: 0 } },
  });
  service.invokeAsync('fn', {});
  service.start();
  await emptied(database);
  expect(logged.at(-1)).toMatch(/discarded \(RetriesExhausted\): no failure destination$/);
});

test('retries throttles with a growing backoff that counts as no attempt', async () => {
  const throttles = ['throttle', 'throttle', 'throttle'] as const;
  const left: 'throttle'[] = [...throttles];
  const { service, clock, database, logged } = createLambda(
    { fn: { code: failing.replace('throw', 'return'), async: { maximumRetryAttempts: 0 } } },
    { faults: { invoke: () => left.shift() } },
  );
  service.start();
  service.invokeAsync('fn', {});
  for (const [index, seconds] of [1, 2, 4].entries()) {
    await attemptStored(database, index + 1);
    expect(left).toHaveLength(2 - index);
    clock.advance(seconds * 1000);
  }
  await runs(logged, 1);
  await emptied(database);
});

test('gives up an event that is older than its maximum age', async () => {
  const { service, clock, database, delivered } = createLambda(
    { fn: { code: failing, async: { maximumEventAgeSeconds: 60, onFailure: TARGET } } },
    { faults: { invoke: () => 'throttle' } },
  );
  service.start();
  service.invokeAsync('fn', {});
  await attemptStored(database, 1);
  clock.advance(61_000);
  const { body } = await delivered.next();
  expect(JSON.parse(body)).toMatchObject({
    requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
    responseContext: null,
    responsePayload: null,
  });
});

test('sends an event to the failure destination at once if the reserved concurrency is zero', async () => {
  const { service, delivered } = createLambda({
    fn: { code: failing, reservedConcurrency: 0, async: { deadLetterTarget: DEAD_LETTERS } },
  });
  service.start();
  service.invokeAsync('fn', { a: 1 });
  expect(await delivered.next()).toMatchObject({ body: '{"a":1}', attributes: { ErrorCode: '429' } });
});

test('keeps a failure record that could not be sent, and sends it without another run', async () => {
  const tries: Delivered[] = [];
  const { service, clock, database, logged, delivered } = createLambda(
    { fn: { code: failing, async: { maximumRetryAttempts: 0, onFailure: TARGET } } },
    {
      async sendToDestination(sent) {
        tries.push(sent);
        if (tries.length === 1) throw new Error('queue is away');
      },
    },
  );
  service.start();
  service.invokeAsync('fn', {});
  await attemptStored(database, 2);
  expect(logged.at(-1)).toMatch(
    /asynchronous invocation: job 1 failed and is tried again in \d+ s: queue is away/,
  );
  clock.advance(60_000);
  expect(await delivered.next()).toEqual(tries[0]);
  expect(runsIn(logged)).toHaveLength(1);
});

test('runs an invocation again that a crash cut off', async () => {
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  const clock = createClock();
  const crashed = createLambda(
    {
      fn: {
        code: `exports.handler = () => { console.log('run'); return new Promise(r => setTimeout(r, 60_000)); };`,
        timeoutSeconds: 1,
      },
    },
    { database, clock },
  );
  crashed.service.start();
  crashed.service.invokeAsync('fn', { a: 1 });
  await vi.waitFor(() => expect(crashed.logged).toEqual(['fn: run']), { interval: 2 });

  // The first service never hears of its answer again, like one whose process is gone.
  const restarted = createLambda(
    { fn: { code: `exports.handler = async event => console.log('run', event.a);` } },
    { database, clock },
  );
  restarted.service.start();
  await runs(restarted.logged, 1);
  await emptied(database);
  await crashed.service.stop();
});

test('runs an invocation again at the next start that stop cut off, without counting it', async () => {
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  const functions = { fn: { code: failing, async: { maximumRetryAttempts: 0, onFailure: TARGET } } };
  const endless = {
    fn: { ...functions.fn, code: `exports.handler = () => { console.log('run'); for (;;); };` },
  };
  const first = createLambda(endless, { database });
  first.service.start();
  first.service.invokeAsync('fn', {});
  await vi.waitFor(() => expect(first.logged).toEqual(['fn: run']), { interval: 2 });
  await first.service.stop();
  expect(stored(database)).toBe(1);

  const second = createLambda(functions, { database });
  second.service.start();
  const { body } = await second.delivered.next();
  expect(runsIn(second.logged)).toHaveLength(1);
  expect(JSON.parse(body)).toMatchObject({
    requestContext: { approximateInvokeCount: 1 },
    responsePayload: { errorType: 'RangeError' },
  });
});
