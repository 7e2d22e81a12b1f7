/** The SDK as the bundles have it, held against the whole one: requests, answers, retries, errors, endpoints. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bundledSdk } from '../../lib/bundle/bundled-sdk.ts';
import * as whole from './sdk-calls.ts';

const bundled = await bundle();
type Service = keyof typeof whole.calls;

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

const LONG_AGO = 'Sun, 06 Nov 1994 08:49:37 GMT';
/** The older protocol's name of an error, which SQS adds. */
const older = (name: string) => ({ 'x-amzn-query-error': `${name};Sender` });

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  return () => vi.unstubAllEnvs();
});

it.each<[Service, what: string, Answer]>([
  ['DynamoDB', 'an item', ok({ Item: { n: { N: '1' }, b: { B: 'AQI=' }, m: { M: { s: { S: 'ü' } } } } })],
  ['DynamoDB tables', 'a time', ok({ Table: { CreationDateTime: 1_700_000_000.123, ItemCount: 3 } })],
  ['EventBridge', 'entries', ok({ FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode: 'E' }] })],
  ['gateway', 'nothing', { status: 204, body: '' }],
  ['KMS', 'a key', ok({ PublicKey: 'AQI=', KeySpec: 'ECC_NIST_P256', SigningAlgorithms: ['ECDSA_SHA_256'] })],
  ['Lambda', 'nothing', { status: 202, headers: { 'x-amz-executed-version': '$LATEST' }, body: '' }],
  ['SQS', 'a digest', ok({ MessageId: '1', MD5OfMessageBody: '6f8f57715090da2632453988d9a1501b' })],
  ['SQS', 'the digest of another body', ok({ MessageId: '1', MD5OfMessageBody: '0'.repeat(32) })],
  ['DynamoDB', 'a condition that fails', refusal('ConditionalCheckFailedException', 400)],
  ['DynamoDB', 'a throttle', refusal('ProvisionedThroughputExceededException', 400)],
  ['DynamoDB', 'what is retried by its class', refusal('ReplicatedWriteConflictException', 400)],
  ['DynamoDB', 'an error whose class is not used', refusal('ResourceNotFoundException', 400)],
  ['DynamoDB', 'an error that the SDK does not know', refusal('NewException', 400)],
  ['DynamoDB', 'a fault', refusal('InternalServerError', 500)],
  ['DynamoDB', 'no JSON', { status: 503, body: '<html>' }],
  ['EventBridge', 'a fault', refusal('InternalException', 500)],
  ['gateway', 'a connection that is gone', restRefusal('GoneException', 410)],
  ['gateway', 'an error whose class is not used', restRefusal('ForbiddenException', 403)],
  ['KMS', 'an error whose class is not used', refusal('KMSInvalidStateException', 400)],
  [
    'Lambda',
    'a throttle until then',
    restRefusal('TooManyRequestsException', 429, { 'retry-after': LONG_AGO }),
  ],
  ['Lambda', 'an error whose class is not used', restRefusal('ResourceNotFoundException', 404)],
  ['SQS', 'a throttle', refusal('RequestThrottled', 403, older('RequestThrottled'))],
])('asks %s as the whole SDK does, and understands %s', async (service, _, answer) => {
  const { requests } = await startService(answer);
  const expected = { outcome: await outcomeOf(whole, service), requests: requests.splice(0) };
  const actual = { outcome: await outcomeOf(bundled, service), requests };
  expect(actual).toEqual(expected);
  expect(requests.length).toBeGreaterThan(0);
});

it.each([
  'us-east-1',
  'eu-central-1',
  'us-gov-west-1',
  'cn-north-1',
  'eusc-de-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
])('knows where the services are in %s', region => {
  vi.stubEnv('AWS_REGION', region);
  const hosts = bundled.hosts(region);
  expect(hosts).toEqual(whole.hosts(region));
  expect(hosts.every(host => host.includes(region))).toBe(true);
});

describe('an error', () => {
  it.each<[Service, name: 'ConditionalCheckFailedException' | 'GoneException', Answer]>([
    ['DynamoDB', 'ConditionalCheckFailedException', refusal('ConditionalCheckFailedException', 400)],
    ['gateway', 'GoneException', restRefusal('GoneException', 410)],
  ])('of %s is a %s where the code uses that class', async (service, name, answer) => {
    await startService(answer);
    const error = await bundled.calls[service]().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(bundled[name]);
    expect(error).not.toBeInstanceOf(bundled.LimitExceededException);
  });

  it('whose class is not used is one of its service all the same', async () => {
    await startService(refusal('ResourceNotFoundException', 400));
    const error = await bundled.calls.DynamoDB().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(bundled.DynamoDBServiceException);
    expect(error).not.toBeInstanceOf(bundled.ConditionalCheckFailedException);
  });

  it('of SQS goes by its older name', async () => {
    await startService(refusal('QueueDoesNotExist', 400, older('AWS.SimpleQueueService.NonExistentQueue')));
    await expect(bundled.calls.SQS()).rejects.toThrow(
      expect.objectContaining({
        name: 'AWS.SimpleQueueService.NonExistentQueue',
        message: 'QueueDoesNotExist!',
      }),
    );
  });
});

it('says that a part is left out when it is needed all the same', async () => {
  vi.stubEnv('AWS_RETRY_MODE', 'adaptive');
  await startService(ok({}));
  await expect(bundled.calls.DynamoDB()).rejects.toThrow('the bundles leave this part of the SDK out');
});

it('misses the Region where the environment names none', async () => {
  vi.stubEnv('AWS_REGION', undefined);
  await startService(ok({}));
  await expect(bundled.calls.DynamoDB()).rejects.toThrow('Region is missing');
});

function ok(body: object): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

function refusal(name: string, status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: JSON.stringify({ __type: `com.amazonaws#${name}`, message: `${name}!` }) };
}

/** As the services say it that speak REST. */
function restRefusal(name: string, status: number, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { ...headers, 'x-amzn-errortype': `${name}:http://aws/` },
    body: '{"message":"no"}',
  };
}

/** A service that always gives this answer, and the requests that came. */
async function startService({ status, headers, body }: Answer): Promise<{ requests: object[] }> {
  const requests: object[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url } = request;
    requests.push({ method, url, headers: plain(request.headers), body: Buffer.concat(chunks).toString() });
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { requests };
}

/** Without what is another each time, and the SDK's version. */
function plain(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const masks = { 'amz-sdk-invocation-id': '', 'user-agent': '', 'x-amz-date': '', 'x-amz-user-agent': '' };
  const authorization = headers.authorization?.replace(/\/\d{8}\/|Signature=\w+/g, '') ?? '';
  return { ...headers, ...masks, authorization };
}

/** A whole result; of an error what one can know who doesn't know its class. */
async function outcomeOf(sdk: typeof whole, service: Service): Promise<object> {
  try {
    return await sdk.calls[service]();
  } catch (error) {
    const { $fault, $metadata, $retryable, message, name } = error as whole.DynamoDBServiceException;
    const { attempts, httpStatusCode } = $metadata ?? {};
    return { $fault, $retryable, attempts, httpStatusCode, message, name };
  }
}

async function bundle(): Promise<typeof whole> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-sdk-'));
  const outfile = join(directory, 'sdk-calls.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'sdk-calls.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    plugins: [bundledSdk],
  });
  const loaded = createRequire(import.meta.url)(outfile);
  rmSync(directory, { recursive: true });
  return loaded;
}
