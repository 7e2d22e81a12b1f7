/** `totals [--watch]`: what the chain has sold. */
import type { Command } from 'commander';
import { majorUnits } from '../../domain/money.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import type { AnyTotal } from '../../domain/protocol/sales-answers.ts';
import { PIECES } from '../../domain/retail/quantity.ts';
import { clearScreen } from '../print.ts';
import { watch } from '../signals.ts';
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

function readTotals({ outputs, by, from, to, watch }: TotalsOptions): Promise<AnyTotal[]> {
  // Stores report each second while somebody watches.
  const live = watch ? 'true' : undefined;
  return loadTarget(outputs).api.list(operations.salesTotals, { query: { by, from, to, live } });
}

function watchTotals(options: TotalsOptions): Promise<never> {
  let last: string | undefined;
  return watch(async () => {
    const items = await readTotals(options);
    const text = JSON.stringify(items);
    if (text === last) return;
    last = text;
    if (!options.json) clearScreen();
    printTotals(items, options);
  });
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
