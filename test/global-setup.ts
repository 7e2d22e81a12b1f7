/** Synthesizes the stack once for every test that needs it, by the very command that a deployment runs. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { TestProject } from 'vitest/node';

/** What `cdk synth '**' --strict` did. A failed one fails the tests that look at it, with its output. */
export interface Synthesis {
  exitCode: number;
  /** What it wrote to stdout and stderr. */
  output: string;
  /** The cloud assembly, as `cdk.out` has it; the bundles are its assets. */
  assembly: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    synthesis: Synthesis;
  }
}

const root = join(import.meta.dirname, '..');

export default async function setup(project: TestProject): Promise<() => void> {
  // Made before the synth: after a failed one the tests find an empty assembly rather than none.
  const assembly = mkdtempSync(join(tmpdir(), 'storecast-synth-'));
  project.provide('synthesis', { ...(await synthesize(assembly)), assembly });
  return () => rmSync(assembly, { recursive: true, force: true });
}

function synthesize(assembly: string): Promise<{ exitCode: number; output: string }> {
  const binaries = join(root, 'node_modules', '.bin');
  // The app runs as `node …`: by the Node that npm installed, which stands in the same directory.
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
  const options = ['synth', '**', '--strict', '--quiet', '--output', assembly];
  return new Promise(resolve => {
    execFile(join(binaries, 'cdk'), options, { cwd: root, env }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode, output: stripVTControlCharacters(`${stdout}${stderr}`) });
    });
  });
}
