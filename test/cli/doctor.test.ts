/** Each case is a machine or an account in some state; what `doctor` says of it has to be true. */
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { DataDirectory } from '../../local/data-directory.ts';
import { bootCloud } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { directory, fileOf, storecast } from './storecast.ts';

vi.setConfig({ testTimeout: patience(30_000) });
afterEach(() => vi.unstubAllEnvs());

interface Finding {
  check: string;
  status: string;
  detail: string;
  todo: string | null;
}

/** Runs it on a port that nobody has, unless told. */
async function doctor(...args: string[]): Promise<{ exitCode: number; found: Record<string, Finding> }> {
  const port = args.includes('--port') ? [] : ['--port', String(await freePort())];
  const { exitCode, stdout, stderr } = await storecast(['doctor', '--json', ...port, ...args]);
  expect(stderr).toBe('');
  const { items } = JSON.parse(stdout) as { items: Finding[] };
  for (const { status, todo } of items) expect(todo === null).toBe(status === 'ok');
  expect(exitCode).toBe(items.some(({ status }) => status === 'failed') ? 1 : 0);
  return { exitCode, found: Object.fromEntries(items.map(finding => [finding.check, finding])) };
}

const statusesOf = (found: Record<string, Finding>) =>
  Object.fromEntries(Object.values(found).map(({ check, status }) => [check, status]));

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** Outputs of a system of which only what a test names is there. */
async function outputsOf(outputs: Record<string, string> = {}): Promise<string> {
  const dead = await freePort();
  const Storecast = {
    StoreEndpoint: `ws://127.0.0.1:${dead}/prod`,
    ManagementUrl: `http://127.0.0.1:${dead}/`,
    EventBusName: 'bus',
    TokenKeyId: 'key',
    Region: 'us-east-1',
    ...outputs,
  };
  return fileOf('of-a-test.json', JSON.stringify({ Storecast }));
}

test('where nothing runs nothing is wrong: it names what would start a system', async () => {
  const { exitCode, found } = await doctor();
  expect(exitCode).toBe(0);
  expect(statusesOf(found)).toEqual({ node: 'ok', port: 'ok', data: 'ok', outputs: 'unchecked' });
  expect(found.outputs?.todo).toContain('npm start');
});

test('a line for each thing, marked, and with what to do', async () => {
  const { exitCode, stdout } = await storecast(['doctor', '--port', String(await freePort())]);
  expect(exitCode).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^[✔–] node +v\d+/),
    expect.stringMatching(/^✔ port +\d+ is free/),
    expect.stringMatching(/^✔ data +\.storecast, yet to be made, is writable$/),
    expect.stringMatching(/^– outputs +there is no \.storecast\/outputs\.json → npm start/),
  ]);
});

test('of a running local system everything is well, its port and its directory included', async () => {
  const { cloud, dataDirectory } = await bootCloud();
  const { port } = new URL(cloud.outputs.AwsEndpointUrl ?? '');
  const running = await doctor('--port', port, '--data', dataDirectory);
  expect(new Set(Object.values(statusesOf(running.found)))).toEqual(new Set(['ok']));
  expect(Object.keys(running.found)).toEqual([
    ...['node', 'port', 'data', 'outputs', 'management', 'stores', 'clock', 'token'],
  ]);

  await cloud.stop();
  const stopped = await doctor('--port', port, '--data', dataDirectory);
  expect(stopped.exitCode).toBe(0);
  expect(stopped.found).toMatchObject({
    port: { status: 'ok', detail: expect.stringContaining('is free') },
    data: { status: 'ok', detail: expect.stringContaining("in nobody's use") },
    management: { status: 'unchecked', todo: 'npm start' },
  });
});

test('a deployed stack is looked at with the credentials of the caller', async () => {
  const { cloud } = await bootCloud();
  const { AwsEndpointUrl = '', ...deployed } = cloud.outputs;
  // The SDK's own variable: to the command line this is AWS.
  vi.stubEnv('AWS_ENDPOINT_URL', AwsEndpointUrl);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  const file = fileOf('deployed.json', JSON.stringify({ Storecast: deployed }));
  const { exitCode, found } = await doctor('--outputs', file, '--stores', '100000');
  expect(exitCode).toBe(0);
  expect(statusesOf(found)).toMatchObject({ management: 'ok', stores: 'ok', clock: 'ok', token: 'ok' });
  expect(found.bootstrap?.todo).toContain('npx cdk bootstrap');
  expect(found['logging role']?.status).toBe('unchecked');
  // The local cloud is no account, and doesn't say.
  expect(found.concurrency).toMatchObject({
    status: 'unchecked',
    detail: expect.stringContaining('a new account has 10'),
  });
  expect(found.quotas?.detail).toContain("12084 frames a second, which doesn't fit");

  const other = fileOf('other-key.json', JSON.stringify({ Storecast: { ...deployed, TokenKeyId: 'gone' } }));
  expect((await doctor('--outputs', other)).found.token).toMatchObject({
    status: 'failed',
    detail: 'key gone is not in us-east-1 of this account',
  });
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
  expect((await doctor('--outputs', file)).found.token).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining("AWS doesn't take these credentials"),
  });
});

test.each<[number, string, string, string]>([
  [10, '1000', 'failed', 'only 10 Lambdas may run at once, and a fleet of 1000 that reconnects needs 110'],
  [1_000, '1000', 'ok', '1000 Lambdas may run at once; a fleet of 1000 that reconnects needs 110'],
  [10, '1', 'failed', 'only 10 Lambdas may run at once, and a fleet of 1 that'],
])(
  'an account with %d concurrent Lambdas and %s stores is told: %s',
  async (limit, stores, status, words) => {
    const port = await serve((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ AccountLimit: { ConcurrentExecutions: limit } }));
    });
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${await freePort()}`);
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    const { found } = await doctor('--outputs', await outputsOf(), '--stores', stores);
    expect(found.concurrency).toMatchObject({ status, detail: expect.stringContaining(words) });
    if (status === 'failed') expect(found.concurrency?.todo).toContain('service-quotas');
  },
);

test('without credentials it says so, and the rest of a deployed stack is looked at all the same', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('HOME', directory);
  const { found } = await doctor('--outputs', await outputsOf());
  expect(found.token).toMatchObject({ status: 'failed', detail: 'there are no AWS credentials' });
  expect(statusesOf(found)).toMatchObject({ outputs: 'ok', management: 'failed', stores: 'failed' });
});

test.each<[string, string]>([
  ['{', "can't be read as JSON"],
  ['null', 'holds no outputs of a storecast stack'],
  ['[]', 'holds no outputs of a storecast stack'],
  ['{"Other":{"Url":"x"}}', 'holds no outputs of a storecast stack'],
])('an outputs file of %s is said to be broken', async (content, words) => {
  const { exitCode, found } = await doctor('--outputs', fileOf('broken.json', content));
  expect(exitCode).toBe(1);
  expect(found.outputs).toMatchObject({ status: 'failed', detail: expect.stringContaining(words) });
});

test('a named outputs file that is not there is missed', async () => {
  const { found } = await doctor('--outputs', 'nowhere.json');
  expect(found.outputs).toMatchObject({ status: 'failed', detail: expect.stringContaining('nowhere.json') });
});

test('outputs without addresses are no reason to stop', async () => {
  const file = fileOf(
    'bare.json',
    '{"S":{"StoreEndpoint":"x","TokenKeyId":"k","AwsEndpointUrl":"http://x"}}',
  );
  expect(statusesOf((await doctor('--outputs', file)).found)).toMatchObject({
    management: 'failed',
    stores: 'failed',
  });
});

test('another program on the port, and at the address of the system, is told from a storecast', async () => {
  const port = await serve((_request, response) => response.end('hello'));
  const outputs = await outputsOf({ ManagementUrl: `http://127.0.0.1:${port}/`, AwsEndpointUrl: 'local' });
  const { found } = await doctor('--port', String(port), '--outputs', outputs);
  expect(found.port).toMatchObject({
    status: 'failed',
    detail: `${port} is in use by another program`,
    todo: expect.stringContaining('--port'),
  });
  expect(found.management).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('answers 200 as no storecast does'),
  });
});

test.each<[string, number, string]>([
  ['behind', 3_600_000, 'failed'],
  ['ahead of', -3_600_000, 'failed'],
  ['within', 2_000, 'ok'],
])("a clock %s the system's is held against the Date of its answer", async (words, offset, status) => {
  const port = await serve((_request, response) => {
    response.setHeader('date', new Date(Date.now() + offset).toUTCString()).end();
  });
  const outputs = await outputsOf({ ManagementUrl: `http://127.0.0.1:${port}/`, AwsEndpointUrl: 'local' });
  const { found } = await doctor('--outputs', outputs);
  expect(found.clock).toMatchObject({ status, detail: expect.stringContaining(words) });
});

test('a data directory that a silent process holds is in use', async () => {
  const path = join(directory, 'held');
  const held = new DataDirectory(path);
  onTestFinished(() => held.close());
  expect((await doctor('--data', path)).found.data).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining("in use by a storecast that doesn't answer"),
  });
});

test('a data directory in use whose outputs are broken is in use all the same', async () => {
  const path = join(directory, 'half');
  const held = new DataDirectory(path);
  onTestFinished(() => held.close());
  fileOf('half/outputs.json', '{');
  expect(statusesOf((await doctor('--data', path)).found)).toMatchObject({
    data: 'failed',
    outputs: 'failed',
  });
});

test('a data directory whose queues are no database is said to be broken', async () => {
  const path = join(directory, 'parent');
  mkdirSync(path);
  onTestFinished(() => rmSync(path, { recursive: true }));
  fileOf('parent/queues.db', 'not a database, but long enough to be taken for a file that is one');
  expect((await doctor('--data', path)).found.data).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining("can't be opened"),
  });
});

test.each([
  ['--port', '0'],
  ['--port', 'http'],
  ['--stores', '-1'],
])('%s %s is wrong usage', async (flag, value) => {
  expect(await storecast(['doctor', flag, value])).toMatchObject({ exitCode: 2, stdout: '' });
});
