/** `bill [--watch]`: what the local system, as it has run so far, would have cost on AWS, and a month at that rate. */
import type { Command } from 'commander';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { PRICES_OF } from '../../local/billing/prices.ts';
import { CommandError } from '../errors.ts';
import { clearScreen, printJson, printLine } from '../print.ts';
import { watch } from '../signals.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

interface BillOptions {
  outputs?: string;
  json?: boolean;
  watch?: boolean;
}

export function addBillCommand(program: Command): void {
  program
    .command('bill')
    .description('what AWS would have charged for what the local system did since its start')
    .option('--watch', 'print it again every two seconds; with --json a line each time')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<BillOptions>();
      if (options.watch) await watch(() => show(options));
      else await show(options);
    });
}

async function show(options: BillOptions): Promise<void> {
  const bill = await readBill(options);
  if (options.watch && !options.json) clearScreen();
  printBill(bill, options);
}

async function readBill({ outputs }: BillOptions): Promise<Bill> {
  const { AwsEndpointUrl } = loadTarget(outputs).present;
  if (AwsEndpointUrl === undefined)
    throw new CommandError("the local cloud has a bill; a deployed stack's is in AWS Cost Explorer");
  const response = await fetch(new URL('/_local/bill', AwsEndpointUrl));
  if (!response.ok) throw new CommandError(`the local cloud answered ${response.status}`);
  return (await response.json()) as Bill;
}

function printBill(bill: Bill, { json }: BillOptions): void {
  if (json) {
    printJson(bill);
    return;
  }
  const { dollars, dollarsPerMonth, items, seconds, since } = bill;
  const month = dollars > 0 ? dollarsPerMonth / dollars : 0;
  printLine(
    `since ${since} (${(seconds / 60).toFixed(1)} min), at list prices of ${PRICES_OF.region}, ${PRICES_OF.date}`,
  );
  printLine();
  printList(
    [...items, { item: 'in all', count: undefined, dollars }],
    {
      '': ({ item }) => item,
      count: ({ count }) => count?.toLocaleString('en-US', { maximumFractionDigits: 1 }),
      $: item => item.dollars.toFixed(6),
      '$ a month at this rate': item => (item.dollars * month).toFixed(2),
    },
    false,
  );
}
