/** `start` for real, synth and all: the seconds of this file are those of every user's first impression. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { patience } from '../patience.ts';
import { directory, spawnStorecast, storecast } from './storecast.ts';

interface Started {
  child: ChildProcess;
  /** Lines of stdout up to the one that begins with `ready`. */
  lines: string[];
  outputs: Record<string, string>;
}

const quiet = ['--port', '0', '--stores', '0'];

async function start(data: string, ...more: string[]): Promise<Started> {
  const child = spawnStorecast(['start', ...quiet, '--data', data, ...more]);
  onTestFinished(() => void child.kill('SIGTERM'));
  if (child.stdout === null) throw new Error('no pipe');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('ready')) break;
  }
  const { Storecast: outputs } = JSON.parse(readFileSync(join(data, 'outputs.json'), 'utf8'));
  return { child, lines, outputs };
}

/** Milliseconds that it took to end, and the exit code. */
async function stop(
  { child }: Pick<Started, 'child'>,
  signal: NodeJS.Signals,
): Promise<{ exitCode: number; ms: number }> {
  const askedAt = performance.now();
  child.kill(signal);
  const [exitCode] = await once(child, 'exit');
  return { exitCode, ms: performance.now() - askedAt };
}

test('start prints the endpoints and ready, refuses a second one, and ends by SIGTERM; started again it knows its tokens', {
  timeout: patience(60_000),
}, async () => {
  // What an environment says of AWS's own endpoints is not about this one.
  vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true');
  vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  const data = join(directory, 'kept');
  const first = await start(data, '--stores', '1');
  const text = first.lines.join('\n');
  for (const name of ['StoreEndpoint', 'ManagementUrl', 'AwsEndpointUrl'])
    expect(text).toContain(first.outputs[name]);
  expect(first.lines.at(-1)).toMatch(/^ready/);

  const { stdout } = await storecast(['token', 'manager', 'ada', '--outputs', join(data, 'outputs.json')]);
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect((await fetch(`${first.outputs.ManagementUrl}stores`, { headers })).status).toBe(200);

  const port = new URL(first.outputs.AwsEndpointUrl ?? '').port;
  const [samePort, sameData] = await Promise.all([
    storecast(['start', '--stores', '0', '--port', port, '--data', join(directory, 'other')]),
    storecast(['start', ...quiet, '--data', data]),
  ]);
  expect(samePort).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^storecast: port \d+ is in use.*\n$/),
  });
  expect(sameData).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^storecast: .* is in use.*\n$/),
  });
  expect((await fetch(`${first.outputs.ManagementUrl}stores`, { headers })).status).toBe(200);

  const ended = await stop(first, 'SIGTERM');
  expect(ended.exitCode).toBe(0);
  expect(ended.ms).toBeLessThan(patience(5_000));

  const second = await start(data);
  expect((await fetch(`${second.outputs.ManagementUrl}stores`, { headers })).status).toBe(200);
  expect(await stop(second, 'SIGINT')).toMatchObject({ exitCode: 0 });
});

test('start ends at once when it is asked to before it is ready, and removes what a killed one left behind', async () => {
  const temporary = mkdtempSync(join(directory, 'tmp-'));
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  const leftover = join(temporary, `storecast-assembly-${gone}-abcdef`);
  const alive = join(temporary, `storecast-assembly-${process.pid}-abcdef`);
  for (const name of [leftover, alive]) mkdirSync(name);
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = spawnStorecast(['start', ...quiet, '--data', join(directory, 'never')]);
    onTestFinished(() => void child.kill('SIGKILL'));
    if (child.stdout === null) throw new Error('no pipe');
    await once(createInterface(child.stdout), 'line');
    expect(await stop({ child }, signal)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(temporary).filter(name => name.startsWith('storecast-assembly-'))).toEqual([
      basename(alive),
    ]);
  }
});

test.each<[string[], RegExp]>([
  [['--port', 'http'], /--port takes a whole number/],
  [['--port', '65536'], /--port takes a whole number/],
  [['--port', '-1'], /--port/],
  [['--port', ''], /--port takes a whole number/],
  [['--stores', '1e3'], /--stores takes a whole number/],
  [['--stores'], /argument missing/],
  [['--stroes', '1'], /unknown option '--stroes'/],
  [['now'], /too many arguments/],
])('start %j is wrong usage: exit code 2 and a sentence on stderr', async (flags, sentence) => {
  const { exitCode, stdout, stderr } = await storecast(['start', ...flags]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^\s+at /m);
});
