/** `totals`: what the chain has sold. */
import type { Command } from 'commander';
import { minorUnitDigits } from '../../domain/money.ts';
import { printList } from '../table.ts';
import { loadTarget } from '../target.ts';

interface TotalsOptions {
  outputs?: string;
  json?: boolean;
  by: string;
  from?: string;
  to?: string;
}

interface Total extends Record<string, unknown> {
  count: number;
  amount: number;
  currency: string;
}

export function addTotalsCommand(program: Command): void {
  program
    .command('totals')
    .description('what was sold, by store, region, sku or minute')
    .option('--by <what>', 'store, region, sku or minute', 'store')
    .option('--from <time>', 'ISO 8601 with its zone (default: an hour before --to)')
    .option('--to <time>', 'ISO 8601 with its zone (default: now)')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const { outputs, json, by, from, to } = command.optsWithGlobals<TotalsOptions>();
      const query = new URLSearchParams({ by, ...(from ? { from } : {}), ...(to ? { to } : {}) });
      const { items } = await loadTarget(outputs).list<Total>(`sales/totals?${query}`);
      printList(
        items,
        {
          [by]: total => total[by],
          count: total => total.count,
          amount: ({ amount, currency }) => `${majorUnits(amount, currency)} ${currency}`,
        },
        json,
      );
    });
}

function majorUnits(amount: number, currency: string): string {
  const digits = minorUnitDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}
