/** Runs the command line as its user does: the launcher, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

const launcher = join(import.meta.dirname, '..', '..', 'cli', 'launch-command.mjs');

export function spawnStorecast(args: readonly string[], outputs?: string): ChildProcess {
  const { STORECAST_OUTPUTS: _, npm_lifecycle_event: __, ...env } = process.env;
  return spawn(process.execPath, [launcher, ...args], {
    // Away from the checkout: a .storecast of its developer's must not be taken.
    cwd: directory,
    env: outputs === undefined ? env : { ...env, STORECAST_OUTPUTS: outputs },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command to its end, for the system of this outputs file. */
export async function storecast(args: readonly string[], outputs?: string): Promise<Ended> {
  const child = spawnStorecast(args, outputs);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const [[exitCode], out, err] = await Promise.all([once(child, 'close'), text(stdout), text(stderr)]);
  return { exitCode, stdout: out, stderr: err };
}

/** Of the test file; gone after its tests. */
export const directory = mkdtempSync(join(tmpdir(), 'storecast-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Writes a file for a command to read. */
export function fileOf(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}
