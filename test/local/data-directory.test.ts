/** The data directory when it is missing, damaged, forbidden or full: what the user reads, and what is left running. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/local-cloud.ts';
import { StorageError, storageError } from '../../local/storage-error.ts';
import { signedCall } from './signed-call.ts';
import { writeSmallAssembly } from './small-assembly.ts';

const directory = mkdtempSync(join(tmpdir(), 'storecast-data-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const assemblyDirectory = writeSmallAssembly(mkdtempSync(join(directory, 'assembly-')));

const errors: string[] = [];
async function start(dataDirectory: string, options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> {
  const onError = (message: string) => void errors.push(message);
  const cloud = await startLocalCloud({ assemblyDirectory, dataDirectory, port: 0, onError, ...options });
  onTestFinished(() => cloud.stop());
  return cloud;
}

/** A directory that a cloud has used. */
async function used(): Promise<string> {
  const data = mkdtempSync(join(directory, 'data-'));
  const cloud = await start(data);
  await cloud.stop();
  return data;
}

it('is made with all above it, and is for its owner alone', async () => {
  const data = join(directory, 'new', 'deep', 'data');
  const cloud = await start(data);
  await fetch(new URL('/echo/x', cloud.outputs.AwsEndpointUrl));
  for (const name of [data, ...readdirSync(data).map(entry => join(data, entry))]) {
    expect((statSync(name).mode & 0o077).toString(8), name).toBe('0');
  }
});

it('that others could read is closed to them', async () => {
  const data = await used();
  for (const name of ['sqs', 'kms', 'dynamodb', 'logs', 'queues.db']) chmodSync(join(data, name), 0o777);
  await start(data);
  for (const name of readdirSync(data)) expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
});

describe.runIf(existsSync('/proc/self'))('under /proc', () => {
  it('can not be made, which is said at once', async () => {
    await expect(start('/proc/nobody/data')).rejects.toThrow(/\/proc\/nobody\/data.*choose another/s);
  });
});

it('that is a file is refused by its name', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'data')]) {
    await expect(start(path)).rejects.toThrow(StorageError);
    await expect(start(path)).rejects.toThrow(path);
  }
});

// As root, which many tests run as, every file is writable.
it.each([
  ['EACCES: permission denied, mkdir', /writable/],
  ['EROFS: read-only file system, open', /writable/],
  ['attempt to write a readonly database', /writable/],
  ['database or disk is full', /free some space/],
  ['ENOSPC: no space left on device, write', /free some space/],
  ['file is not a database', /--fresh/],
])('a file that meets %j is named, with what to do', (reason, remedy) => {
  const { message } = storageError(
    '/data/queues.db',
    new Error('query failed', { cause: new Error(reason) }),
  );
  expect(message).toContain(`/data/queues.db can't be used (${reason})`);
  expect(message).toMatch(remedy);
});

describe('a damaged file', () => {
  it.each<[string, (data: string) => string]>([
    ['queues.db', data => join(data, 'queues.db')],
    ['ids.json', data => join(data, 'ids.json')],
    [
      'a queue',
      data => join(data, 'sqs', readdirSync(join(data, 'sqs')).find(name => name.endsWith('.db')) ?? ''),
    ],
    ['a key', data => join(data, 'kms', readdirSync(join(data, 'kms'))[0] ?? '')],
    ['the tables', data => join(data, 'dynamodb', 'CURRENT')],
  ])('is named, with what to do, and a fresh start makes good: %s', async (_, fileOf) => {
    const data = await used();
    for (const content of ['', 'this is no such file'.repeat(300)]) {
      const file = fileOf(data);
      if (content === '' && /\.db$/.test(file)) continue; // An empty file is an empty database.
      writeFileSync(file, content);
      const named = file.includes('dynamodb') || file.includes('/sqs/') ? join(file, '..') : file;
      await expect(start(data)).rejects.toThrow(StorageError);
      await expect(start(data)).rejects.toThrow(new RegExp(`${named}.*--fresh`, 's'));
      await (await start(data, { fresh: true })).stop();
      await (await start(data)).stop();
    }
  });
});

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it('costs lines of a log, said once, and nothing else', async () => {
    const data = await used();
    mkdirSync(join(data, 'logs'), { recursive: true });
    rmSync(join(data, 'logs', 'Small-Echo.log'), { force: true });
    symlinkSync('/dev/full', join(data, 'logs', 'Small-Echo.log'));
    errors.length = 0;
    const cloud = await start(data);
    const failing = {
      target: '',
      path: '/2015-03-31/functions/Small-Echo/invocations',
      body: '{"log":"a line"}',
    };
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await signedCall(cloud.outputs.AwsEndpointUrl ?? '', failing)).status).toBe(200);
    }
    expect(errors).toEqual([expect.stringMatching(/Small-Echo\.log.*ENOSPC.*free some space/)]);
  });
});
