import { expect, test, vi } from 'vitest';
import type { HttpRequest } from '../../../local/http.ts';
import { arnOf, createLambda, type LambdaOptions } from './lambda-fixture.ts';

function createApi(options: LambdaOptions & { reservedConcurrency?: number } = {}) {
  const { reservedConcurrency, ...rest } = options;
  const code = `exports.handler = async event => {
    console.log('run', JSON.stringify(event).length);
    if (event.fail) throw new RangeError('no luck');
    return { got: event };
  };`;
  const lambda = createLambda(
    { fn: { code, ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }) } },
    rest,
  );
  const post = (body: string, { type, name = 'fn', ...request }: PostOptions = {}) =>
    lambda.service.handleInvokeRequest({
      method: 'POST',
      path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
      query: '',
      headers: type ? { 'x-amz-invocation-type': type } : {},
      body: Buffer.from(body),
      sourceIp: '127.0.0.1',
      ...request,
    });
  return { ...lambda, post };
}

type PostOptions = Partial<HttpRequest> & { type?: string; name?: string };

test.each([
  ['its name', 'fn'],
  ['its name and version', 'fn:$LATEST'],
  ['a partial ARN', '123456789012:function:fn'],
  ['its ARN', arnOf('fn')],
  ['its ARN and version', `${arnOf('fn')}:$LATEST`],
])('answers with the result of the function, called by %s', async (_, name) => {
  const { post } = createApi();
  expect(await post('{"a":1}', { name })).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json', 'X-Amz-Executed-Version': '$LATEST' },
    body: '{"got":{"a":1}}',
  });
});

test('gives an empty object as the event where there is no payload', async () => {
  const { post } = createApi();
  expect(await post('', { query: 'Qualifier=%24LATEST' })).toMatchObject({ status: 200, body: '{"got":{}}' });
});

test('answers a function error with status 200 and its header', async () => {
  const { post } = createApi();
  const response = await post('{"fail":true}');
  expect(response).toMatchObject({
    status: 200,
    headers: { 'X-Amz-Function-Error': 'Unhandled', 'X-Amz-Executed-Version': '$LATEST' },
  });
  expect(JSON.parse(String(response.body))).toEqual({
    errorType: 'RangeError',
    errorMessage: 'no luck',
    trace: expect.any(Array),
  });
});

test('accepts an Event with 202 once it is stored, and runs it', async () => {
  const { post, service, database, logged } = createApi();
  expect(await post('{"a":1}', { type: 'Event' })).toEqual({ status: 202, headers: {}, body: '' });
  expect(database.prepare('SELECT count(*) AS n FROM lambda_fn').get()).toEqual({ n: 1 });
  service.start();
  await vi.waitFor(() => expect(logged).toEqual(['fn: run 7']), { interval: 2 });
});

test('answers a DryRun with 204 and runs nothing', async () => {
  const { post, logged } = createApi();
  expect(await post('{}', { type: 'DryRun' })).toEqual({ status: 204, headers: {}, body: '' });
  expect(logged).toEqual([]);
});

test('takes 6 MB synchronously and 1 MB asynchronously', async () => {
  const { post } = createApi();
  const ofBytes = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
  expect(await post(ofBytes(1024 * 1024), { type: 'Event' })).toMatchObject({ status: 202 });
  expect(await post(ofBytes(6 * 1024 * 1024), { type: 'DryRun' })).toMatchObject({ status: 204 });
});

test.each([
  [
    'a function that is not there',
    '{}',
    { name: 'nobody' },
    404,
    'ResourceNotFoundException',
    /^Function not found: arn:.*:function:nobody$/,
  ],
  [
    'a version that is not there',
    '{}',
    { query: 'Qualifier=live' },
    404,
    'ResourceNotFoundException',
    /:function:fn:live$/,
  ],
  [
    'text that is no JSON',
    '{a}',
    {},
    400,
    'InvalidRequestContentException',
    /^Could not parse request body into json: /,
  ],
  ['an unknown invocation type', '{}', { type: 'Later' }, 400, 'InvalidParameterValueException', /Later/],
  [
    'a payload over 6 MB',
    'x'.repeat(6 * 1024 * 1024 + 1),
    {},
    413,
    'RequestTooLargeException',
    /^6291457 byte payload is too large for the RequestResponse/,
  ],
  [
    'an Event over 1 MB',
    'x'.repeat(1024 * 1024 + 1),
    { type: 'Event' },
    413,
    'RequestTooLargeException',
    /limit 1048576 bytes/,
  ],
  ['another operation', '', { method: 'GET' }, 404, 'UnknownOperationException', /^no operation GET/],
])('refuses %s', async (_, body, options, status, errorType, message) => {
  const { post } = createApi();
  const response = await post(body, options);
  expect(response).toMatchObject({ status, headers: { 'x-amzn-ErrorType': errorType } });
  expect(JSON.parse(String(response.body))).toEqual({
    Type: 'User',
    message: expect.stringMatching(message),
  });
});

test.each([
  [
    'its reserved concurrency',
    { reservedConcurrency: 0 },
    'ReservedFunctionConcurrentInvocationLimitExceeded',
  ],
  [
    "the account's concurrency",
    { faults: { invoke: () => 'throttle' as const } },
    'ConcurrentInvocationLimitExceeded',
  ],
])('answers 429 with the reason for a function above %s', async (_, options, Reason) => {
  const { post } = createApi(options);
  const response = await post('{}');
  expect(response).toMatchObject({
    status: 429,
    headers: { 'x-amzn-ErrorType': 'TooManyRequestsException' },
  });
  expect(JSON.parse(String(response.body))).toEqual({ Type: 'User', message: 'Rate Exceeded.', Reason });
});
