/** `totals [--watch]`: what the chain has sold. */
import type { Command } from 'commander';
import { minorUnitDigits } from '../../domain/money.ts';
import { type AnyTotal, operations } from '../../domain/protocol/http-api.ts';
import { PIECES } from '../../domain/retail/quantity.ts';
import { untilAskedToStop } from '../signals.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

interface TotalsOptions {
  outputs?: string;
  json?: boolean;
  watch?: boolean;
  by: string;
  from?: string;
  to?: string;
}

const WATCH_INTERVAL_MS = 2_000;
/** Clears the screen and begins at its top. */
const REDRAW = '\u001b[2J\u001b[H';

export function addTotalsCommand(program: Command): void {
  program
    .command('totals')
    .description('what was sold, by store, region, sku or minute')
    .option('--by <what>', 'store, region, sku or minute', 'store')
    .option('--from <time>', 'ISO 8601 with its zone (default: an hour before --to)')
    .option('--to <time>', 'ISO 8601 with its zone (default: now)')
    .option('--watch', 'print them again as they change; with --json a line each time')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<TotalsOptions>();
      if (options.watch) await watchTotals(options);
      else printTotals(await readTotals(options), options);
    });
}

function readTotals({ outputs, by, from, to }: TotalsOptions): Promise<AnyTotal[]> {
  return loadTarget(outputs).api.list(operations.salesTotals, { query: { by, from, to } });
}

/** Until the user has seen enough. */
async function watchTotals(options: TotalsOptions): Promise<void> {
  const stopped = untilAskedToStop().then(() => true);
  let last: string | undefined;
  for (let isStopped = false; !isStopped; ) {
    const items = await readTotals(options);
    const text = JSON.stringify(items);
    if (text !== last) {
      if (process.stdout.isTTY && !options.json) process.stdout.write(REDRAW);
      printTotals(items, options);
    }
    last = text;
    const pause = new Promise<boolean>(resolve => setTimeout(resolve, WATCH_INTERVAL_MS, false));
    isStopped = await Promise.race([stopped, pause]);
  }
  // The rest of the pause must not keep the process alive.
  process.exit();
}

function printTotals(items: readonly AnyTotal[], { by, json }: TotalsOptions): void {
  printList(
    items,
    {
      [by]: keyOf,
      count: quantityOf,
      amount: ({ amount, currency }) => `${majorUnits(amount, currency)} ${currency}`,
    },
    json,
  );
}

/** Sales and pieces are counted; what is weighed or measured has its unit beside it. */
function quantityOf(total: AnyTotal): string | number {
  return 'unit' in total && total.unit !== PIECES ? `${total.count} ${total.unit}` : total.count;
}

function keyOf(total: AnyTotal): string | null {
  if ('store' in total) return total.store;
  if ('region' in total) return total.region;
  return 'sku' in total ? total.sku : total.minute;
}

function majorUnits(amount: number, currency: string): string {
  const digits = minorUnitDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}
