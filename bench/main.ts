/** `npm run bench [-- NAME…]`: measures, prints, and keeps what it measured; `--table` only writes the README's table anew. */

import { type Options, readArguments, UsageError } from './bench-options.ts';
import type { Benchmark, Outcome } from './benchmark.ts';
import { besideOthers, isBusy } from './machine/others-share.ts';
import { type Measured, measured, print, readResults, save, writeReadmeTable } from './results-report.ts';

/** Each is loaded when it is its turn: what one imports is no other's memory. */
const benchmarks: Record<string, () => Promise<Benchmark>> = {
  'post-cpu': () => import('./post-cpu/post-cpu-benchmark.ts'),
  broadcast: () => import('./broadcast/broadcast-benchmark.ts'),
  'broadcast-10k': () => import('./broadcast/broadcast-10k-benchmark.ts'),
  offline: () => import('./serverless-offline/offline-benchmark.ts'),
  gateway: () => import('./gateway/gateway-benchmark.ts'),
  thousand: () => import('./thousand/thousand-benchmark.ts'),
  ceiling: () => import('./ceiling/ceiling-benchmark.ts'),
  sales: () => import('./sales/sales-benchmark.ts'),
  reconnect: () => import('./reconnect/reconnect-benchmark.ts'),
  jitter: () => import('./jitter/jitter-benchmark.ts'),
  reference: () => import('./reference/reference-benchmark.ts'),
  cost: () => import('./cost/cost-benchmark.ts'),
  million: () => import('./million/million-benchmark.ts'),
  'cold-start': () => import('./cold-start/cold-start-benchmark.ts'),
};

async function main(names: readonly string[], options: Options): Promise<void> {
  const unknown = names.filter(name => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0) {
    throw new UsageError(
      `no benchmark ${unknown.join(', ')}: there are ${Object.keys(benchmarks).join(', ')}`,
    );
  }
  const measurements: Record<string, Measured> = {};
  const isKept = Object.keys(options).length === 0;
  for (const [name, load] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const { run, title } = await load();
    console.log(`${name} …`);
    const { othersPercent, result } = await besideOthers(() => run(options));
    const outcome = outcomeOf(result, othersPercent);
    // What was skipped leaves what an earlier run has measured.
    if (outcome.rows.length === 0) continue;
    measurements[name] = measured(title, outcome, othersPercent);
    print(measurements[name]);
    if (isKept && !isBusy(othersPercent)) outcome.writePage?.();
  }
  if (isKept) writeReadmeTable(save(measurements));
  else
    console.log('\nnot kept: results.json holds what is measured without --members, --minutes and --stores');
}

/** One that broke off while others had the machine says so, and the next has its turn. */
function outcomeOf(result: PromiseSettledResult<Outcome>, othersPercent: number | undefined): Outcome {
  if (result.status === 'fulfilled') return result.value;
  if (!isBusy(othersPercent)) throw result.reason;
  console.error(result.reason);
  console.error(`the machine was busy: other processes took ${othersPercent?.toFixed()} % of the cores`);
  return { rows: [], goals: [] };
}

try {
  const { isTableOnly, names, options } = readArguments(process.argv.slice(2));
  if (isTableOnly) writeReadmeTable(readResults());
  else await main(names, options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
