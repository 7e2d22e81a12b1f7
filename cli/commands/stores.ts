/** `stores`: who is connected. */
import type { Command } from 'commander';
import { printList } from '../table.ts';
import { loadTarget } from '../target.ts';

interface Store extends Record<string, unknown> {
  storeId: string;
  region: string | null;
  groups: string[];
  connected: boolean;
  since: string | null;
}

export function addStoresCommand(program: Command): void {
  program
    .command('stores')
    .description('list the stores and whether they are connected')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const { outputs, json } = command.optsWithGlobals<{ outputs?: string; json?: boolean }>();
      const stores = await allStores(loadTarget(outputs));
      printList(
        stores,
        {
          store: store => store.storeId,
          region: store => store.region,
          groups: store => store.groups,
          connected: store => (store.connected ? 'yes' : 'no'),
          since: store => store.since,
        },
        json,
      );
    });
}

async function allStores(target: ReturnType<typeof loadTarget>): Promise<Store[]> {
  const stores: Store[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page = (await target.get(`stores${query}`)) as { items: Store[]; cursor?: string };
    stores.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return stores;
}
