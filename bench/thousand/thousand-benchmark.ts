/**
 * (k) A broadcast as AWS would time it: the bundle as it is deployed in a process of its own, from cold and warm, tables in
 * dynalite, and a gateway behind TLS that answers after 5 to 20 ms under the account's quota. The usual sample in turn.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesize } from '../../cli/synthesize.ts';
import { Comparison, type Goal, type Outcome } from '../benchmark.ts';
import { type FunctionSetup, functionSetup } from '../function-setup.ts';
import { type Part, startPart } from '../processes.ts';

export const title = 'A broadcast over TLS from the bundle as it is deployed, cold and warm';

const FLEETS = [1_000, 10_000];
const ROUNDS = 3;
/** Broadcasts of one process after its first, with a pause in which the account's burst fills up again. */
const WARM = 3;
const PAUSE_MS = 1_000;
const SAMPLE = 'usual sample';
const OURS = 'storecast';

interface Timed {
  milliseconds: number;
  peakMb: number;
  /** Stores on the line that were not posted to. */
  missed: number;
}

interface Bench {
  gateway: Part;
  tables: Part;
  setups: Record<string, FunctionSetup>;
}

export async function run(): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
  const assembly = await synthesize();
  const gateway = startPart(new URL('../ceiling/throttled-gateway.ts', import.meta.url));
  const tables = startPart(new URL('deployed-tables.ts', import.meta.url), { args: [assembly] });
  try {
    const { tls = '', ca = '' } = (await gateway.ask('start')) as Record<string, string>;
    const certificate = join(directory, 'ca.pem');
    writeFileSync(certificate, ca);
    const setup = functionSetup(assembly, 'BroadcastFunction', (await tables.ask('start')) as string);
    const variables = {
      ...setup.variables,
      // One worker for all of them, as in a stack for 10,000 stores; at its very limit it would ask for another.
      MEMBERS_PER_WORKER: '10001',
      GATEWAY_ENDPOINT: `${tls}/prod`,
      NODE_EXTRA_CA_CERTS: certificate,
    };
    const sample = fileURLToPath(new URL('../broadcast/usual-sample/index.cjs', import.meta.url));
    const setups = { [SAMPLE]: { code: sample, variables }, [OURS]: { code: setup.code, variables } };
    return await measure({ gateway, tables, setups });
  } finally {
    for (const part of [tables, gateway]) await part.stop();
    rmSync(directory, { recursive: true });
  }
}

async function measure(bench: Bench): Promise<Outcome> {
  const times = new Comparison('ms');
  const memory = new Comparison('MB');
  const missed = new Comparison('stores');
  for (const members of FLEETS) {
    await bench.tables.ask({ hold: members });
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [variant, setup] of Object.entries(bench.setups)) {
        const environment = start(setup);
        for (let turn = 0; turn <= WARM; turn += 1) {
          const timed = await broadcast(bench.gateway, environment, members);
          const name = `${variant}, ${members} stores`;
          times.add(`${name}, ${turn === 0 ? 'cold' : 'warm'}`, timed.milliseconds);
          missed.add(`${name}, not posted to`, timed.missed);
          if (turn === WARM) memory.add(`${name}, peak memory`, timed.peakMb);
        }
        environment.disconnect();
        await once(environment, 'exit');
      }
    }
  }
  const goals: Goal[] = [
    goal('to 1,000 stores, cold', times.median(`${OURS}, 1000 stores, cold`), 450, 300),
    goal('to 1,000 stores, warm', times.median(`${OURS}, 1000 stores, warm`), 160, 110),
    goal('to 10,000 stores, warm', times.median(`${OURS}, 10000 stores, warm`), 1_000, 800),
    goal('to 10,000, memory', memory.median(`${OURS}, 10000 stores, peak memory`), 128, 110, ' MB'),
  ];
  return { rows: [...times.rows(), ...memory.rows(), ...missed.rows()], goals };
}

function goal(what: string, value: number, must: number, moonshot: number, unit = ' ms'): Goal {
  return { what: `a broadcast as deployed ${what}`, value, unit, must, moonshot, better: 'less' };
}

function start({ code, variables }: FunctionSetup): ChildProcess {
  const program = fileURLToPath(new URL('function-process.cjs', import.meta.url));
  // What the function logs is not what is looked for.
  return fork(program, [code], {
    env: variables,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

async function answerOf(environment: ChildProcess): Promise<{ peakMb: number; startedAt: string }> {
  const ended = once(environment, 'exit').then(([code]) => {
    throw new Error(`the function's process ended with ${code}`);
  });
  const [answer] = await Promise.race([once(environment, 'message'), ended]);
  return answer;
}

/** From the event's arrival to the last post that the gateway took. */
async function broadcast(gateway: Part, environment: ChildProcess, members: number): Promise<Timed> {
  await gateway.ask({ expect: members });
  await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  environment.send({
    id: crypto.randomUUID(),
    source: 'bench',
    'detail-type': 'PriceChanged',
    time: new Date().toISOString(),
    detail: { prices: [{ sku: '4006381333931', name: 'x'.repeat(64), amount: 199, currency: 'EUR' }] },
  });
  const { peakMb, startedAt } = await answerOf(environment);
  const { lastAt, missed } = (await gateway.ask('counts')) as { lastAt: string; missed: number };
  return {
    milliseconds: Number(BigInt(lastAt) - BigInt(startedAt)) / 1e6,
    peakMb,
    missed,
  };
}
