/** `simulate`: a fleet of stores on the line for some minutes; what came to it, and what it sold. */
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { salesTotalsBy } from '../../domain/protocol/http-api.ts';
import { UsageError } from '../errors.ts';
import { untilAskedToStop } from '../signals.ts';
import { connectSimulatedStores } from '../simulation/simulated-stores.ts';
import { loadTarget, type Target } from '../target.ts';
import { printList } from '../text-table.ts';

interface SimulateOptions {
  outputs?: string;
  json?: boolean;
  stores: string;
  salesPerMinute: string;
  minutes: string;
}

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('connect simulated stores for some minutes')
    .option('--stores <count>', 'how many', '20')
    .option('--sales-per-minute <sales>', 'what each sells', '7')
    .option('--minutes <minutes>', 'how long', '1')
    .option('--json', 'print the result as JSON')
    .action((_options, command: Command) => simulate(command.optsWithGlobals()));
}

async function simulate(options: SimulateOptions): Promise<void> {
  const count = positive(options.stores, '--stores');
  const seconds = positive(options.minutes, '--minutes') * 60;
  const startedAt = Date.now();
  const delays: number[] = [];
  const updates = new Set<string>();
  const target = loadTarget(options.outputs);
  const countedBefore = await countSales(target, startedAt);
  const stores = await connectSimulatedStores(target, {
    count,
    prefix: PREFIX,
    salesPerMinute:
      Number(options.salesPerMinute) === 0 ? 0 : positive(options.salesPerMinute, '--sales-per-minute'),
    onApplied(update) {
      // Earlier updates come by catching up, and say nothing about the speed of the line.
      if (Date.parse(update.publishedAt) < startedAt) return;
      updates.add(update.id);
      delays.push(Date.now() - Date.parse(update.publishedAt));
    },
  });
  await waitWithProgress(
    seconds,
    () => ({ connected: stores.connected, applied: delays.length, sold: stores.sold }),
    options.json,
  );
  const { connected } = stores;
  await stores.closeCheckouts();
  const { saleDelays, sold, unsent } = stores;
  await stores.close();
  const accepted = sold - unsent;
  const counted = (await countSales(target, startedAt)) - countedBefore;
  const result = {
    stores: count,
    connected,
    sold,
    accepted,
    // Sales left over when the time was up may have been counted, and their answers lost.
    doubled: Math.max(0, counted - sold),
    missing: Math.max(0, accepted - counted),
    saleP50Ms: percentile(saleDelays, 0.5),
    saleP99Ms: percentile(saleDelays, 0.99),
    updates: updates.size,
    applied: delays.length,
    p50Ms: percentile(delays, 0.5),
    p99Ms: percentile(delays, 0.99),
    maxMs: percentile(delays, 1),
  };
  printList(
    [result],
    {
      stores: item => item.stores,
      connected: item => item.connected,
      sold: item => item.sold,
      accepted: item => item.accepted,
      doubled: item => item.doubled,
      missing: item => item.missing,
      'sale p50 ms': item => item.saleP50Ms,
      'sale p99 ms': item => item.saleP99Ms,
      updates: item => item.updates,
      applied: item => item.applied,
      'update p50 ms': item => item.p50Ms,
      'update p99 ms': item => item.p99Ms,
      'update max ms': item => item.maxMs,
    },
    options.json,
  );
}

/** Not the stores of npm start: taking over their lines would end them for good. */
const PREFIX = 'sim-';

/** What the chain has counted of simulated stores since then, by its own account. */
async function countSales(target: Target, since: number): Promise<number> {
  const query = { by: 'store', from: new Date(since).toISOString() };
  const items = await target.api.list(salesTotalsBy('store'), { query });
  return items.filter(({ store }) => store.startsWith(PREFIX)).reduce((sum, { count }) => sum + count, 0);
}

/** The nearest rank, in whole milliseconds; null where nothing was measured. */
function percentile(values: readonly number[], share: number): number | null {
  const value = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
  return value === undefined ? null : Math.round(value);
}

function positive(text: string, flag: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UsageError(`${flag} takes a number above 0, not '${text}'`);
}

/** Until the time is over or the user has enough of it. */
async function waitWithProgress(
  seconds: number,
  status: () => Record<string, number>,
  quiet: boolean | undefined,
): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {percentage}% · {connected} connected · {applied} applied · {sold} sold',
    ...(quiet ? { stream: process.stderr } : {}),
  });
  const startedAt = performance.now();
  bar.start(seconds, 0, status());
  const tick = setInterval(
    () => bar.update(Math.min(seconds, (performance.now() - startedAt) / 1000), status()),
    500,
  );
  await Promise.race([untilAskedToStop(), new Promise(resolve => setTimeout(resolve, seconds * 1000))]);
  clearInterval(tick);
  bar.update(Math.min(seconds, (performance.now() - startedAt) / 1000), status());
  bar.stop();
}
