/** (h) What a cold start reads and runs, and what a broadcast to 10,000 members needs of memory. */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readAssembly } from '../local/assembly/assembly.ts';
import { Comparison, type Goal, type Outcome } from './benchmark.ts';
import { startPart } from './processes.ts';
import { synthesize } from './system.ts';

export const title = 'Bundles, cold start and memory';

const ROUNDS = 7;
const MEMBERS = 10_000;
const importer = fileURLToPath(new URL('cold-start/importer.cjs', import.meta.url));
const smaller = { better: 'less' } as const;

export async function run(): Promise<Outcome> {
  const bundles = functionBundles(await synthesize());
  const sizes = new Comparison('KB');
  for (const [name, file] of bundles) sizes.add(`${name}, size`, statSync(file).size / 1000);
  const imports = new Comparison('ms CPU');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, file] of bundles) imports.add(`${name}, import`, await importTime(file));
  }
  const memory = new Comparison('MB');
  for (const variant of ['usualSample', 'poster'])
    memory.add(`${variant}, 10,000 posts`, await peakMemory(variant));
  const goals: Goal[] = [
    {
      what: 'bundle of the broadcast',
      value: sizes.median('BroadcastFunction, size'),
      unit: ' KB',
      must: 225,
      moonshot: 200,
      ...smaller,
    },
    {
      what: 'its import, CPU',
      value: imports.median('BroadcastFunction, import'),
      unit: ' ms',
      must: 55,
      moonshot: 40,
      ...smaller,
    },
    {
      what: 'memory of a process that posts to 10,000',
      value: memory.median('poster, 10,000 posts'),
      unit: ' MB',
      must: 128,
      moonshot: 110,
      ...smaller,
    },
  ];
  return { rows: [...sizes.rows(), ...imports.rows(), ...memory.rows()], goals };
}

/** Each function's bundle, by its construct's id. */
function functionBundles(assemblyDirectory: string): [name: string, file: string][] {
  const { assetDirectory, template } = readAssembly(assemblyDirectory);
  return Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const { S3Key } = Properties.Code as { S3Key: string };
    const name = logicalId.replace(/[0-9A-F]{8}$/, '');
    return [[name, join(assetDirectory(S3Key), 'index.cjs')] as [string, string]];
  });
}

/** In CPU time, which a busy machine stretches less than the clock's. */
async function importTime(file: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [importer, file]);
  return JSON.parse(stdout).cpuMilliseconds;
}

/** Of the whole process, with the compiler of TypeScript in it, which Lambda doesn't have. */
async function peakMemory(variant: string): Promise<number> {
  const gateway = startPart(new URL('post-cpu/gateway.ts', import.meta.url));
  const { ca = '', tls = '' } = (await gateway.ask('start')) as Record<string, string>;
  const poster = startPart(new URL('post-cpu/poster.ts', import.meta.url), { args: [variant, tls, ca] });
  const { peakMb } = (await poster.ask({ posts: MEMBERS })) as { peakMb: number };
  await poster.stop();
  await gateway.stop();
  return peakMb;
}
