/**
 * Synthesizes the stack once for every test that needs it, by the very command that a deployment runs.
 *
 * In a copy of the sources: bundling empties `build/lambdas` first, so two synths in one checkout, this one and that
 * of an `npm start`, would take each other's files away.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { TestProject } from 'vitest/node';

/** What `cdk synth '**' --strict` did. A failed one fails the tests that look at it, with its output. */
export interface Synthesis {
  exitCode: number;
  /** What it wrote to stdout and stderr. */
  output: string;
  /** The cloud assembly, as `cdk.out` has it. */
  assembly: string;
  /** Holds a directory for each handler, with its bundle. */
  bundles: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    synthesis: Synthesis;
  }
}

const root = join(import.meta.dirname, '..');
/** What the CDK app reads. */
const sources = ['bin', 'client', 'domain', 'lambdas', 'lib', 'cdk.json', 'package.json'];

export default async function setup(project: TestProject): Promise<() => void> {
  const copy = mkdtempSync(join(tmpdir(), 'storecast-synth-'));
  copySources(copy);
  const assembly = join(copy, 'cdk.out');
  const { exitCode, output } = await synthesize(copy, assembly);
  // After a failed synth the tests find an empty assembly rather than none.
  mkdirSync(assembly, { recursive: true });
  project.provide('synthesis', { exitCode, output, assembly, bundles: join(copy, 'build', 'lambdas') });
  return () => rmSync(copy, { recursive: true, force: true });
}

function copySources(copy: string): void {
  for (const source of sources) {
    if (existsSync(join(root, source))) cpSync(join(root, source), join(copy, source), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
}

function synthesize(cwd: string, assembly: string): Promise<{ exitCode: number; output: string }> {
  const binaries = join(root, 'node_modules', '.bin');
  // The app runs as `node …`: by the Node that npm installed, which stands in the same directory.
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
  const options = ['synth', '**', '--strict', '--quiet', '--output', assembly];
  return new Promise(resolve => {
    execFile(join(binaries, 'cdk'), options, { cwd, env }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode, output: stripVTControlCharacters(`${stdout}${stderr}`) });
    });
  });
}
