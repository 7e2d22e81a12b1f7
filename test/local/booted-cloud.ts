/** A local cloud on the synthesized template, with what tests of the whole of it need around it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { Template } from '../../local/assembly/assembly.ts';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/local-cloud.ts';
import { describeSystem, type System } from '../contract/system.ts';

export interface BootedCloud {
  cloud: LocalCloud;
  system: System;
  /** Lines of the functions' logs so far, each with its function's name in front. */
  logs: string[];
  /** What the local cloud itself complained of. */
  errors: string[];
  dataDirectory: string;
}

/** Boots a cloud that ends, its directory with it, when the test does. */
export async function bootCloud(options: Partial<LocalCloudOptions> = {}): Promise<BootedCloud> {
  const dataDirectory = options.dataDirectory ?? temporaryDirectory();
  const logs: string[] = [];
  const errors: string[] = [];
  const cloud = await startLocalCloud({
    assemblyDirectory: synthesizedAssembly(),
    port: 0,
    onLog: (functionName, line) => logs.push(`${functionName} ${line}`),
    onError: message => errors.push(message),
    ...options,
    dataDirectory,
  });
  const system = describeSystem(cloud.outputs);
  onTestFinished(async () => {
    for (const client of Object.values(system.clients)) client.destroy();
    await cloud.stop();
  });
  return { cloud, system, logs, errors, dataDirectory };
}

/** Gone when the test ends; to be asked for before the cloud that writes to it is booted. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function synthesizedAssembly(): string {
  const { assembly, exitCode, output } = inject('synthesis');
  if (exitCode !== 0) throw new Error(`the stack could not be synthesized:\n${output}`);
  return assembly;
}

/** A copy of the synthesized assembly whose template was changed. */
export function editedAssembly(edit: (template: Template) => void): string {
  const directory = temporaryDirectory();
  cpSync(synthesizedAssembly(), directory, { recursive: true });
  const file = join(directory, 'Storecast.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  edit(template);
  writeFileSync(file, JSON.stringify(template));
  return directory;
}

/** The same with other values of environment variables, in the functions that have them. */
export function assemblyWithVariables(variables: Record<string, string>): string {
  return editedAssembly(({ Resources }) => {
    for (const { Properties } of Object.values(Resources)) {
      const { Environment: { Variables = {} } = {} } = Properties as {
        Environment?: { Variables?: Record<string, string> };
      };
      for (const [name, value] of Object.entries(variables))
        if (Variables[name] !== undefined) Variables[name] = value;
    }
  });
}

/** What the broadcast function reported of an update. */
export function broadcastReport(
  { logs }: BootedCloud,
  updateId: string,
): { sent: number; gone: number; failed: number; throttled: number } | undefined {
  const line = logs.find(text => text.includes('"message":"broadcast"') && text.includes(updateId));
  return line === undefined ? undefined : JSON.parse(line.slice(line.indexOf('{')));
}
