/** (h) What a cold start reads and runs, and what a broadcast to 10,000 members needs of memory. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { synthesize } from '../../cli/synthesize.ts';
import { readAssembly } from '../../local/assembly/assembly.ts';
import { Comparison, type Goal, type Outcome } from '../benchmark.ts';
import { functionSetup } from '../function-setup.ts';
import { startPart } from '../processes.ts';

export const title = 'Bundles, cold start and memory';

const ROUNDS = 7;
const MEMORY_ROUNDS = 3;
const MEMBERS = 10_000;
const BROADCAST = 'a broadcast to 10,000, peak memory';
const importer = fileURLToPath(new URL('importer.cjs', import.meta.url));
const broadcaster = fileURLToPath(new URL('broadcaster.cjs', import.meta.url));
const smaller = { better: 'less' } as const;

export async function run(): Promise<Outcome> {
  const assembly = await synthesize();
  const bundles = functionBundles(assembly);
  const sizes = new Comparison('KB');
  for (const [name, file] of bundles) sizes.add(`${name}, size`, statSync(file).size / 1000);
  const imports = new Comparison('ms CPU');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, file] of bundles) imports.add(`${name}, import`, await importTime(file));
  }
  const memory = new Comparison('MB');
  for (let round = 0; round < MEMORY_ROUNDS; round += 1) memory.add(BROADCAST, await peakMemory(assembly));
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
      what: 'memory of a broadcast to 10,000',
      value: memory.median(BROADCAST),
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

/** Of a whole process that runs the broadcast's bundle: every table answers, and so does a gateway behind TLS. */
async function peakMemory(assembly: string): Promise<number> {
  const gateway = startPart(new URL('../post-cpu/answering-gateway.ts', import.meta.url));
  const tables = startPart(new URL('cold-start-tables.ts', import.meta.url));
  const directory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
  try {
    const { ca = '', tls = '' } = (await gateway.ask('start')) as Record<string, string>;
    const endpoint = (await tables.ask('start')) as string;
    const certificate = join(directory, 'ca.pem');
    writeFileSync(certificate, ca);
    const { code, variables } = functionSetup(assembly, 'BroadcastFunction', endpoint);
    const env = {
      ...variables,
      CONNECTIONS_TABLE: 'connections',
      CONNECTION_SHARDS: '1',
      POSTS_PER_SECOND: '9500',
      POST_BURST: '5000',
      MEMBERS_PER_WORKER: '1000000',
      GATEWAY_ENDPOINT: `${tls}/prod`,
      NODE_EXTRA_CA_CERTS: certificate,
    };
    const { stderr } = await promisify(execFile)(process.execPath, [broadcaster, code], { env });
    const { peakMb, sent } = JSON.parse(stderr);
    if (sent !== MEMBERS) throw new Error(`the broadcast reached ${sent} of ${MEMBERS}`);
    return peakMb;
  } finally {
    rmSync(directory, { recursive: true });
    await tables.stop();
    await gateway.stop();
  }
}
