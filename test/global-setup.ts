/** Synthesizes the stack once for every test that needs it, by the very command that a deployment runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from './synthesize.ts';

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

export default async function setup(project: TestProject): Promise<() => void> {
  // Made before the synth: after a failed one the tests find an empty assembly rather than none.
  const assembly = mkdtempSync(join(tmpdir(), 'storecast-synth-'));
  project.provide('synthesis', { ...(await synthesize(assembly)), assembly });
  return () => rmSync(assembly, { recursive: true, force: true });
}
