/** (d) The ceiling: a broadcast by the real fan-out at 0.95 of the account's quota, against the least that the quota allows. */

import type { Options } from '../bench-options.ts';
import { type Benchmark, Comparison, type Goal, type Outcome } from '../benchmark.ts';
import { type Part, startPart } from '../processes.ts';

export const title = 'A broadcast over TLS at 0.95 of a quota of 10,000 posts a second';

const MEMBERS = 100_000;
const WARM_UP_MEMBERS = 10_000;
const ROUNDS = 3;
const PACE = { rate: 9_500, burst: 4_750 };

interface Gateway {
  tls: string;
  ca: string;
  quota: { rate: number; burst: number };
}

interface Run {
  milliseconds: number;
  throttledShare: number;
  lost: number;
  twice: number;
  cpuMicroseconds: number;
}

export async function run({ members = MEMBERS }: Options): ReturnType<Benchmark['run']> {
  const gateway = startPart(new URL('throttled-gateway.ts', import.meta.url));
  const registry = startPart(new URL('registry.ts', import.meta.url));
  const { tls, ca, quota } = (await gateway.ask('start')) as Gateway;
  const endpoint = (await registry.ask('start')) as string;
  const args = [tls, ca, endpoint, String(PACE.rate), String(PACE.burst)];
  const workers = startPart(new URL('workers.ts', import.meta.url), { args });
  const parts = { gateway, registry, workers };
  try {
    await broadcast(parts, WARM_UP_MEMBERS);
    const runs: Run[] = [];
    for (let round = 0; round < (members > MEMBERS ? 1 : ROUNDS); round += 1)
      runs.push(await broadcast(parts, members));
    return outcome(members, (members - quota.burst) / quota.rate, runs);
  } finally {
    for (const part of [workers, registry, gateway]) await part.stop();
  }
}

async function broadcast(
  parts: Record<'gateway' | 'registry' | 'workers', Part>,
  members: number,
): Promise<Run> {
  await parts.gateway.ask({ expect: members });
  await parts.registry.ask({ hold: members });
  // Turns saved up since the last round, as after any pause.
  await new Promise(resolve => setTimeout(resolve, 1_000));
  const report = (await parts.workers.ask('broadcast')) as Record<string, number> & { startedAt: string };
  const counts = (await parts.gateway.ask('counts')) as Record<string, number> & { lastAt: string };
  const owed = (await parts.registry.ask('owed')) as number;
  const { fault = 0, gone = 0, reached = 0, sent = 0, throttled = 0, twice = 0 } = counts;
  return {
    milliseconds: Number(BigInt(counts.lastAt) - BigInt(report.startedAt)) / 1e6,
    throttledShare: (throttled / (sent + gone + fault + throttled)) * 100,
    lost: members - reached - gone - owed,
    twice,
    cpuMicroseconds: ((report.cpuMs ?? 0) * 1000) / members,
  };
}

function outcome(members: number, boundSeconds: number, runs: readonly Run[]): Outcome {
  const time = new Comparison('ms');
  const share = new Comparison('%');
  const cpu = new Comparison('µs');
  const stores = new Comparison('stores');
  const name = `${members} members`;
  for (const one of runs) {
    time.add("the throttle's bound", boundSeconds * 1000);
    time.add(name, one.milliseconds);
    share.add(`${name}, posts answered 429`, one.throttledShare);
    cpu.add(`${name}, the workers' CPU a member`, one.cpuMicroseconds);
    stores.add(`${name}, neither posted to, gone nor owed`, one.lost);
    stores.add(`${name}, posted to twice`, one.twice);
  }
  const less = { better: 'less' } as const;
  const goals: Goal[] = [
    {
      what: `a broadcast to ${members.toLocaleString('en')}, times the throttle's bound`,
      value: time.median(name) / (boundSeconds * 1000),
      unit: '×',
      must: 1.1,
      moonshot: 1.05,
      ...less,
    },
    {
      what: 'its posts answered 429',
      value: share.median(`${name}, posts answered 429`),
      unit: ' %',
      must: 0.1,
      moonshot: 0,
      ...less,
    },
    {
      what: 'stores that it lost',
      value: Math.max(...runs.map(({ lost }) => lost)),
      unit: '',
      must: 0,
      moonshot: 0,
      ...less,
    },
  ];
  return { rows: [...time.rows(), ...share.rows(), ...stores.rows(), ...cpu.rows()], goals };
}
