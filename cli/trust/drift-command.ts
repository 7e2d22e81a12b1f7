/** `drift [STORE]`: stores whose price book is not what it should be. */
import type { Command } from 'commander';
import { operations } from '../../domain/protocol/http-api.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

export function addDriftCommand(program: Command): void {
  program
    .command('drift')
    .description('stores whose price book is not what it should be')
    .argument('[store]', 'whose book should be what, right or not')
    .option('--json', 'print JSON')
    .action(async (store: string | undefined, _options, command: Command) => {
      const { json, outputs } = command.optsWithGlobals<{ json?: boolean; outputs?: string }>();
      const items = await loadTarget(outputs).api.list(operations.listDrift, { query: { store } });
      printList(
        items,
        {
          store: ({ storeId }) => storeId,
          book: ({ book }) => book,
          expected: ({ expected }) => expected,
          since: ({ since }) => since,
        },
        json,
      );
    });
}
