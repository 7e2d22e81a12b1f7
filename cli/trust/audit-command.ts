/** `audit`: whether tills charge the prices that their stores' books list. */
import type { Command } from 'commander';
import { majorUnits } from '../../domain/money.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

interface AuditOptions {
  outputs?: string;
  json?: boolean;
  by: string;
  from?: string;
  to?: string;
}

export function addAuditCommand(program: Command): void {
  program
    .command('audit')
    .description('lines of sales against the listed prices, by store or sku')
    .option('--by <what>', 'store or sku', 'store')
    .option('--from <time>', 'ISO 8601 with its zone (default: an hour before --to)')
    .option('--to <time>', 'ISO 8601 with its zone (default: now)')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const { by, from, json, outputs, to } = command.optsWithGlobals<AuditOptions>();
      const items = await loadTarget(outputs).api.list(operations.salesAudit, { query: { by, from, to } });
      printList(
        items,
        {
          [by]: item => ('store' in item ? item.store : item.sku),
          exact: ({ exact }) => exact,
          over: ({ over }) => over,
          under: ({ under }) => under,
          unlisted: ({ unlisted }) => unlisted,
          'over by': ({ currency, overAmount }) => `${majorUnits(overAmount, currency)} ${currency}`,
          'under by': ({ currency, underAmount }) => `${majorUnits(underAmount, currency)} ${currency}`,
        },
        json,
      );
    });
}
