/** The local cloud in a process of its own, for tests that kill it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { describeSystem, type System } from '../contract/system.ts';
import { synthesizedAssembly } from '../local/booted-cloud.ts';

export interface SpawnedCloud {
  child: ChildProcess;
  system: System;
}

/** Resolves once it is ready; it ends with the test at the latest. */
export async function spawnCloud(dataDirectory: string): Promise<SpawnedCloud> {
  const script = join(import.meta.dirname, '..', 'local', 'killable-cloud.ts');
  const child = spawn(process.execPath, [script, synthesizedAssembly(), dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, system: describeSystem(JSON.parse(line)) };
}

/** `kill -9`, and a start on the same data. */
export async function killAndRestart({ child }: SpawnedCloud, dataDirectory: string): Promise<SpawnedCloud> {
  child.kill('SIGKILL');
  await once(child, 'exit');
  return spawnCloud(dataDirectory);
}
