import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClock } from '../../../local/cloud-clock.ts';
import { FunctionNotFoundError } from '../../../local/lambda/function-definition.ts';
import { patience } from '../../patience.ts';
import { createLambda, type LambdaOptions } from './lambda-fixture.ts';

/** Says that it runs, then waits for the file `go-N` in its directory; answers by which environment it was run. */
const attended = `
  const { existsSync } = require('node:fs');
  const { threadId } = require('node:worker_threads');
  exports.handler = async event => {
    console.log('running', event.n);
    while (!existsSync(process.env.LAMBDA_TASK_ROOT + '/go-' + event.n))
      await new Promise(resolve => setTimeout(resolve, 1));
    return threadId;
  };`;

function createAttended(options: LambdaOptions & { reservedConcurrency?: number }) {
  const { reservedConcurrency, ...rest } = options;
  const lambda = createLambda(
    { fn: { code: attended, ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }) } },
    rest,
  );
  return {
    ...lambda,
    letGo: (n: number) => writeFileSync(join(lambda.directory, 'fn', `go-${n}`), ''),
    running: (lines: number) =>
      vi.waitFor(() => expect(lambda.logged).toHaveLength(lines), { interval: 2, timeout: patience(2_000) }),
  };
}

test('runs as many invocations side by side as there may be environments, the others in their order', async () => {
  const { service, logged, letGo, running } = createAttended({ environmentsPerFunction: 2 });
  const results = [1, 2, 3, 4].map(n => service.invoke('fn', { n }));
  await running(2);
  expect(logged.toSorted()).toEqual(['fn: running 1', 'fn: running 2']);

  letGo(2);
  const second = await results[1];
  await running(3);
  expect(logged.at(-1)).toBe('fn: running 3');
  letGo(3);
  expect(await results[2]).toEqual(second);
  await running(4);
  letGo(1);
  letGo(4);
  await Promise.all(results);
});

test('is settled once nothing is under way', async () => {
  const { service, letGo, running } = createAttended({});
  const under = service.invoke('fn', { n: 1 });
  await running(1);
  let isSettled = false;
  const settled = service.settle('fn').then(() => {
    isSettled = true;
  });
  letGo(2);
  await service.invoke('fn', { n: 2 });
  expect(isSettled).toBe(false);
  letGo(1);
  await Promise.all([settled, under]);
});

test('short work goes one after the other, and another environment is started only where none comes to its end', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] });
  onTestFinished(() => void vi.useRealTimers());
  const { service, letGo } = createAttended({ environmentsPerFunction: 2, environmentsAtOnce: 1 });
  for (const n of [1, 2, 4]) letGo(n);
  const [one, two] = await Promise.all([1, 2].map(n => service.invoke('fn', { n })));
  expect(two).toEqual(one);

  const long = service.invoke('fn', { n: 3 });
  const behindIt = service.invoke('fn', { n: 4 });
  await vi.advanceTimersByTimeAsync(200);
  expect(await behindIt).not.toEqual(one);
  letGo(3);
  expect(await long).toEqual(one);
});

test('uses a free environment before it starts another', async () => {
  const { service, letGo } = createAttended({});
  letGo(1);
  const first = await service.invoke('fn', { n: 1 });
  expect(await service.invoke('fn', { n: 1 })).toEqual(first);
});

test('keeps an environment warm between runs, and takes it back when nothing was run in it for five minutes', async () => {
  const clock = createClock();
  const { service, letGo } = createAttended({ clock });
  const run = () => service.invoke('fn', { n: 1 });
  letGo(1);
  const first = await run();
  for (let again = 0; again < 3; again += 1) {
    clock.advance(4 * 60_000);
    expect(await run()).toEqual(first);
  }
  clock.advance(5 * 60_000);
  expect(await run()).not.toEqual(first);
});

test('throttles what goes beyond the reserved concurrency, the waiting included', async () => {
  const { service, letGo, running } = createAttended({ environmentsPerFunction: 1, reservedConcurrency: 2 });
  const first = service.invoke('fn', { n: 1 });
  const second = service.invoke('fn', { n: 2 });
  await running(1);
  expect(await service.invoke('fn', { n: 3 })).toEqual({ throttled: true });
  letGo(1);
  await first;
  letGo(2);
  await second;
  letGo(3);
  expect(await service.invoke('fn', { n: 3 })).toMatchObject({ payload: expect.any(Number) });
});

test('throttles every invocation with a reserved concurrency of zero', async () => {
  const { service } = createAttended({ reservedConcurrency: 0 });
  expect(await service.invoke('fn', { n: 1 })).toEqual({ throttled: true });
});

test('one function that is busy holds up no other', async () => {
  const { service } = createLambda(
    {
      busy: { code: 'exports.handler = () => { for (;;); };', timeoutSeconds: 1 },
      other: { code: 'exports.handler = async () => 1;' },
    },
    { environmentsPerFunction: 1 },
  );
  const busy = service.invoke('busy', {});
  expect(await service.invoke('other', {})).toEqual({ payload: 1 });
  await busy;
});

test.each([
  ['throttle', { throttled: true }, 0],
  ['crash-before', { functionError: { errorType: 'Runtime.ExitError' } }, 0],
  ['crash-after', { functionError: { errorType: 'Runtime.ExitError' } }, 1],
] as const)(
  'fault %s: answers it, runs the handler as often as it says, and goes on',
  async (fault, answer, runs) => {
    const faults = [fault];
    const { service, logged } = createLambda(
      { fn: { code: `exports.handler = async () => { console.log('ran'); return 'fine'; };` } },
      { faults: { invoke: () => faults.shift() } },
    );
    expect(await service.invoke('fn', {})).toMatchObject(answer);
    expect(logged).toHaveLength(runs);
    expect(await service.invoke('fn', {})).toEqual({ payload: 'fine' });
  },
);

test('refuses a function that the template does not define', async () => {
  const { service } = createLambda({});
  await expect(service.invoke('nobody', {})).rejects.toThrow(FunctionNotFoundError);
  expect(() => service.invokeAsync('nobody', {})).toThrow(
    'Function not found: arn:aws:lambda:eu-central-1:123456789012:function:nobody',
  );
});

test('refuses an answer of more than 6 MB', async () => {
  const { service } = createLambda({ fn: { code: `exports.handler = async () => 'x'.repeat(6_291_555);` } });
  expect(await service.invoke('fn', {})).toEqual({
    functionError: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    },
  });
});

test('stop waits for a running invocation and turns away what waits or comes later', async () => {
  const { service, letGo, running } = createAttended({ environmentsPerFunction: 1 });
  const first = service.invoke('fn', { n: 1 });
  const waiting = service.invoke('fn', { n: 2 });
  await running(1);
  const stopped = service.stop();
  expect(await waiting).toMatchObject({ functionError: { errorType: 'Runtime.ExitError' } });
  letGo(1);
  expect(await first).toMatchObject({ payload: expect.any(Number) });
  await stopped;
  expect(await service.invoke('fn', { n: 1 })).toMatchObject({
    functionError: { errorType: 'Runtime.ExitError' },
  });
});

test('stop ends a worker that does not end by itself', async () => {
  const { service, logged } = createLambda({
    fn: { code: `exports.handler = () => { console.log('looping'); for (;;); };`, timeoutSeconds: 900 },
  });
  const looping = service.invoke('fn', {});
  await vi.waitFor(() => expect(logged).toHaveLength(1), { interval: 2 });
  await service.stop();
  expect(await looping).toMatchObject({ functionError: { errorType: 'Runtime.ExitError' } });
});

// In its order the line was served late to the last: every answer came after its asker had asked again.
test('serves the newest first once somebody has waited for long', async () => {
  const { service, logged, letGo, running } = createAttended({ environmentsPerFunction: 1 });
  const results = [service.invoke('fn', { n: 1 })];
  await running(1);
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  results.push(service.invoke('fn', { n: 2 }));
  vi.advanceTimersByTime(1_001);
  results.push(service.invoke('fn', { n: 3 }));
  letGo(1);
  await running(2);
  expect(logged.at(-1)).toBe('fn: running 3');
  letGo(3);
  await running(3);
  expect(logged.at(-1)).toBe('fn: running 2');
  letGo(2);
  await Promise.all(results);
});

/**
 * Under a fleet that asks again whatever is not answered, the line once grew past the 29 seconds that the gateway
 * waits: from then on every run was for an asker that had given up, and no sale was accepted any more.
 */
test('throttles what has waited eight seconds for an environment, and goes on with what comes then', async () => {
  const { service, letGo, running } = createAttended({ environmentsPerFunction: 1 });
  const first = service.invoke('fn', { n: 1 });
  await running(1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const second = service.invoke('fn', { n: 2 });
  vi.advanceTimersByTime(8_000);
  vi.useRealTimers();
  expect(await second).toEqual({ throttled: true });
  const third = service.invoke('fn', { n: 3 });
  letGo(1);
  letGo(3);
  expect(await third).toEqual(await first);
});

/** A fleet that came back at once was answered 500 for two minutes: each function has a few environments here. */
test('an asker that still waits is served, however long the line was', async () => {
  const { service, letGo, running } = createAttended({ environmentsPerFunction: 1 });
  const first = service.invoke('fn', { n: 1 });
  await running(1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const second = service.invoke('fn', { n: 2 }, () => true);
  vi.advanceTimersByTime(28_000);
  vi.useRealTimers();
  letGo(1);
  letGo(2);
  expect(await second).toEqual(await first);
});

test.each([
  ['in its order', 0, 4],
  ['the newest first', 1_001, 5],
])('nothing is run for an asker that is gone, with the line served %s', async (_how, waitedMs, next) => {
  const { service, logged, letGo, running } = createAttended({ environmentsPerFunction: 1 });
  const results = [service.invoke('fn', { n: 1 })];
  await running(1);
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const gone = [2, 3].map(n => service.invoke('fn', { n }, () => false));
  results.push(service.invoke('fn', { n: 4 }, () => true));
  vi.advanceTimersByTime(waitedMs);
  results.push(service.invoke('fn', { n: 5 }, () => true));
  for (const n of [1, 4, 5]) letGo(n);
  await Promise.all(results);
  expect(await Promise.all(gone)).toEqual([{ throttled: true }, { throttled: true }]);
  expect(logged[1]).toBe(`fn: running ${next}`);
  expect(logged).toHaveLength(3);
});
