import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { arnOf, createLambda } from './lambda-fixture.ts';

const echo = 'exports.handler = async event => event;';

test.each([
  ['CommonJS', { 'index.js': echo }],
  ['CommonJS named .cjs', { 'index.cjs': echo }],
  ['an ES module', { 'index.mjs': 'export const handler = async event => event;' }],
  [
    'an ES module that awaits at its top level',
    {
      'index.js': 'await null; export const handler = async event => event;',
      'package.json': '{"type":"module"}',
    },
  ],
  ['a default export', { 'index.mjs': 'export default { handler: async event => event };' }],
  ['a handler that returns no promise', { 'index.js': 'exports.handler = event => event;' }],
])('runs a handler from %s', async (_, files) => {
  const { service } = createLambda({ echo: { files } });
  expect(await service.invoke('echo', { a: [1, 'ü'] })).toEqual({ payload: { a: [1, 'ü'] } });
});

test('passes event and result through JSON', async () => {
  const { service } = createLambda({
    fn: {
      code: `exports.handler = async event => event.nothing
        ? undefined
        : { at: event.at, when: new Date(0), lost: undefined, map: new Map([[1, 2]]) };`,
    },
  });
  expect(await service.invoke('fn', { at: new Date(5) })).toEqual({
    payload: { at: '1970-01-01T00:00:00.005Z', when: '1970-01-01T00:00:00.000Z', map: {} },
  });
  expect(await service.invoke('fn', { nothing: true })).toEqual({ payload: null });
});

test('gives the handler a context as AWS does', async () => {
  const { service } = createLambda({
    fn: {
      code: `exports.handler = async (event, context) =>
        ({ ...context, remaining: context.getRemainingTimeInMillis() });`,
      timeoutSeconds: 3,
    },
  });
  const result = await service.invoke(arnOf('fn'), {});
  expect(result).toEqual({
    payload: {
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionName: 'fn',
      functionVersion: '$LATEST',
      invokedFunctionArn: arnOf('fn'),
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/fn',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
      remaining: expect.toSatisfy((ms: number) => ms > 2_000 && ms <= 3_000),
    },
  });
});

test('gives each function its own environment variables and nothing of this process but PATH', async () => {
  const code = 'exports.handler = async () => process.env;';
  vi.stubEnv('AWS_PROFILE', 'developer');
  const { service } = createLambda({
    first: { code, environment: { TABLE: 'one', AWS_REGION: 'not-settable' } },
    second: { code },
  });
  const [first, second] = await Promise.all([service.invoke('first', {}), service.invoke('second', {})]);
  vi.unstubAllEnvs();
  expect(first).toEqual({
    payload: {
      TABLE: 'one',
      PATH: process.env.PATH,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: expect.stringMatching(/first$/),
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'key-of-first',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_FUNCTION_NAME: 'first',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/first',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining('[$LATEST]'),
    },
  });
  expect(second).toMatchObject({ payload: { AWS_ACCESS_KEY_ID: 'key-of-second' } });
  expect(second).not.toHaveProperty('payload.TABLE');
});

test('keeps an environment warm between invocations', async () => {
  const { service } = createLambda({
    fn: { code: 'let count = 0; exports.handler = async () => ++count;' },
  });
  expect(await service.invoke('fn', {})).toEqual({ payload: 1 });
  expect(await service.invoke('fn', {})).toEqual({ payload: 2 });
});

test('lets un-awaited work stand still between invocations', async () => {
  const { service } = createLambda({
    frozen: {
      code: `let ticks = 0;
        setInterval(() => ticks++, 1);
        exports.handler = async event => {
          const before = ticks;
          while (event.run && ticks < 20) await new Promise(resolve => setTimeout(resolve, 1));
          return before;
        };`,
    },
    other: { code: 'exports.handler = () => new Promise(resolve => setTimeout(resolve, 50));' },
  });
  expect(await service.invoke('frozen', { run: true })).toMatchObject({ payload: expect.any(Number) });
  await service.invoke('other', {});
  await service.invoke('other', {});
  // 100 ms have passed; a running interval would have counted most of them.
  const result = await service.invoke('frozen', {});
  expect(result).toMatchObject({ payload: expect.toSatisfy((ticks: number) => ticks >= 20 && ticks < 30) });
});

test('lets the work go on in the next invocation', async () => {
  const { service } = createLambda({
    fn: {
      code: `let late = 'not yet';
        exports.handler = async event => {
          if (event.start) setTimeout(() => { late = 'done'; }, 1);
          else await new Promise(resolve => setTimeout(resolve, 5));
          return late;
        };`,
    },
  });
  expect(await service.invoke('fn', { start: true })).toEqual({ payload: 'not yet' });
  expect(await service.invoke('fn', {})).toEqual({ payload: 'done' });
});

test('hands every log line over before the result', async () => {
  const { service, logged } = createLambda({
    fn: {
      code: `console.log('loading');
        exports.handler = async () => {
          console.info('a\\nb'); console.warn('c %d', 1); console.error({ d: 2 });
          process.stdout.write(Buffer.from('half a ')); process.stdout.write('line\\n');
          await new Promise(resolve => process.stderr.write('called back\\n', resolve));
          process.stdout.write('without an end');
        };`,
    },
  });
  await service.invoke('fn', {});
  expect(logged).toEqual(
    ['loading', 'a', 'b', 'c 1', '{ d: 2 }', 'half a line', 'called back', 'without an end'].map(
      line => `fn: ${line}`,
    ),
  );
});

test("moves a running environment's Date with the clock, and no more than its Date", async () => {
  const { service, clock } = createLambda({
    fn: {
      code: `class Stamp extends Date {}
        exports.handler = async () => ({
          times: [Date.now(), new Date().getTime(), new Stamp().getTime(), new Date().constructor.now()],
          text: Date().slice(0, 15) === new Date().toString().slice(0, 15),
          fixed: [new Date(2020, 1).getFullYear(), new Date('1970-01-01').getTime(), Date.UTC(1970, 0)],
          kinds: [new Date() instanceof Date, new Stamp() instanceof Date, new Stamp() instanceof Stamp],
        });`,
    },
  });
  await service.invoke('fn', {});
  clock.advance(30 * 86_400_000);
  const result = await service.invoke('fn', {});
  const near = expect.toSatisfy((time: number) => Math.abs(time - clock.now()) < 5_000);
  expect(result).toEqual({
    payload: {
      times: [near, near, near, near],
      text: true,
      fixed: [2020, 0, 0],
      kinds: [true, true, true],
    },
  });
});

test('answers what the handler throws, and keeps the environment', async () => {
  const { service, logged } = createLambda({
    fn: {
      code: `let runs = 0;
        class Refused extends Error { name = 'Refused'; }
        exports.handler = async event => {
          runs++;
          if (event.text) throw 'just text';
          if (event.refuse) throw new Refused('not you');
          return runs;
        };`,
    },
  });
  expect(await service.invoke('fn', { refuse: true })).toEqual({
    functionError: {
      errorType: 'Refused',
      errorMessage: 'not you',
      trace: expect.arrayContaining([expect.stringMatching(/not you/)]),
    },
  });
  expect(logged[0]).toMatch(/^fn: Invoke Error\t\{"errorType":"Refused"/);
  expect(await service.invoke('fn', { text: true })).toEqual({
    functionError: { errorType: 'string', errorMessage: 'just text', trace: [] },
  });
  expect(await service.invoke('fn', {})).toEqual({ payload: 3 });
});

test.each([
  ['a missing module', 'index.handler', {}, 'Runtime.ImportModuleError', /Cannot find module/],
  [
    'a missing dependency',
    'index.handler',
    { 'index.js': 'require("nowhere")' },
    'Runtime.ImportModuleError',
    /Cannot find module 'nowhere'/,
  ],
  [
    'a missing ES dependency',
    'index.handler',
    { 'index.mjs': 'import "nowhere"' },
    'Runtime.ImportModuleError',
    /Cannot find package 'nowhere'/,
  ],
  [
    'a missing export',
    'index.handler',
    { 'index.js': '' },
    'Runtime.HandlerNotFound',
    /^index.handler is undefined or not exported$/,
  ],
  [
    'a handler that is no function',
    'index.handler',
    { 'index.js': 'exports.handler = 1' },
    'Runtime.HandlerNotFound',
    /^index.handler is not a function$/,
  ],
  [
    'a callback handler',
    'index.handler',
    { 'index.js': 'exports.handler = (event, context, callback) => callback(null, 1)' },
    'Runtime.CallbackHandlerDeprecated',
    /removed support for callback-based function handlers/,
  ],
  ['a malformed name', 'index', { 'index.js': echo }, 'Runtime.MalformedHandlerName', /Bad handler/],
  [
    'code that does not parse',
    'index.handler',
    { 'index.js': 'exports.handler = ' },
    'Runtime.UserCodeSyntaxError',
    /SyntaxError: Unexpected end of input/,
  ],
  [
    'code that throws',
    'index.handler',
    { 'index.js': 'throw new TypeError("no TABLE")' },
    'TypeError',
    /^no TABLE$/,
  ],
])('answers %s as an init error', async (_, handler, files, errorType, errorMessage) => {
  const { service } = createLambda({ fn: { handler, files } });
  const expected = {
    functionError: { errorType, errorMessage: expect.stringMatching(errorMessage) },
  };
  expect(await service.invoke('fn', {})).toMatchObject(expected);
  expect(await service.invoke('fn', {})).toMatchObject(expected);
});

test.each([
  [
    'process.exit()',
    'process.exit(0)',
    'Runtime.ExitError',
    /^RequestId: .{36} Error: Runtime exited without/,
  ],
  ['process.exit(3)', 'process.exit(3)', 'Runtime.ExitError', /Runtime exited with error: exit status 3$/],
  [
    'an unhandled rejection',
    'Promise.reject(new Error("nobody waits")); await new Promise(resolve => setTimeout(resolve, 1000));',
    'Runtime.UnhandledPromiseRejection',
    /^Error: nobody waits$/,
  ],
  [
    'a rejection that the handler left behind',
    'Promise.reject(new Error("nobody waits"))',
    'Runtime.UnhandledPromiseRejection',
    /^Error: nobody waits$/,
  ],
  [
    'an uncaught exception',
    'setTimeout(() => { throw new RangeError("late"); }, 1); await new Promise(() => {});',
    'RangeError',
    /^late$/,
  ],
  [
    'a promise that is never settled',
    'await new Promise(() => {})',
    'Runtime.NodeJsExit',
    /Promise that was never settled/,
  ],
  [
    'a result without a JSON form',
    'return 1n',
    'Runtime.JSONStringifyError',
    /^Unable to stringify response body/,
  ],
])('answers %s with its error and goes on', async (_, code, errorType, errorMessage) => {
  const { service, logged } = createLambda({
    fn: {
      code: `exports.handler = async event => { if (event.good) return 'fine'; console.log('begins'); ${code} };`,
    },
  });
  expect(await service.invoke('fn', {})).toMatchObject({
    functionError: { errorType, errorMessage: expect.stringMatching(errorMessage) },
  });
  expect(logged[0]).toBe('fn: begins');
  expect(await service.invoke('fn', { good: true })).toEqual({ payload: 'fine' });
});

test.each([
  ['waits', 'await new Promise(resolve => setTimeout(resolve, 60_000))'],
  ['loops without end', 'for (;;);'],
])('ends a handler that %s at its timeout, and starts another environment', async (_, code) => {
  const { service, logged, directory } = createLambda({
    fn: {
      code: `let runs = 0;
        exports.handler = async event => {
          if (event.good) return ++runs;
          ${code}
          require('node:fs').writeFileSync(process.env.LAMBDA_TASK_ROOT + '/survived', '');
        };`,
      timeoutSeconds: 1,
    },
  });
  expect(await service.invoke('fn', { good: true })).toEqual({ payload: 1 });
  expect(await service.invoke('fn', {})).toEqual({
    functionError: {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: .{36} Error: Task timed out after 1\.00 seconds$/),
    },
  });
  expect(logged.at(-1)).toMatch(/^fn: .{36} Task timed out after 1\.00 seconds$/);
  expect(await service.invoke('fn', { good: true })).toEqual({ payload: 1 });
  expect(existsSync(join(directory, 'fn', 'survived'))).toBe(false);
});

test('ends an environment that outgrows its memory, and this process lives on', async () => {
  const { service } = createLambda({
    fn: { code: 'exports.handler = async () => { const all = []; for (;;) all.push({ at: all.length }); };' },
  });
  expect(await service.invoke('fn', {})).toMatchObject({
    functionError: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: aborted'),
    },
  });
});
