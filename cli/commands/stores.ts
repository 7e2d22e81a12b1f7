/** `stores`: who is on the line, since when, and how far behind. */
import type { Command } from 'commander';
import { operations } from '../../domain/protocol/http-api.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

export function addStoresCommand(program: Command): void {
  program
    .command('stores')
    .description('list the stores and whether they are connected')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const { outputs, json } = command.optsWithGlobals<{ outputs?: string; json?: boolean }>();
      const items = await loadTarget(outputs).api.list(operations.listStores);
      printList(
        items,
        {
          store: store => store.storeId,
          region: store => store.region,
          groups: store => store.groups,
          name: store => store.name,
          connected: store => (store.revokedAt ? 'revoked' : store.connected ? 'yes' : 'no'),
          since: store => store.since,
          'last seen': store => store.lastSeenAt,
          behind: store => store.behind,
        },
        json,
      );
    });
}
