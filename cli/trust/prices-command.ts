/** `prices STORE [SKU…]`: what is, was or will be in force in a store. */
import type { Command } from 'commander';
import { chunks } from '../../domain/chunks.ts';
import { majorUnits } from '../../domain/money.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

/** What the API takes at once. */
const MOST_SKUS = 100;

export function addPricesCommand(program: Command): void {
  program
    .command('prices')
    .description('what is, was or will be in force in a store, and the lowest of the 30 days before')
    .argument('<store>', 'its id')
    .argument('[sku...]', 'SKUs (default: all)')
    .option('--at <time>', 'ISO 8601 with its zone, up to 30 days ago (default: now)')
    .option('--json', 'print JSON')
    .action(async (id: string, skus: string[], _options, command: Command) => {
      const { at, json, outputs } = command.optsWithGlobals<{
        at?: string;
        json?: boolean;
        outputs?: string;
      }>();
      const { api } = loadTarget(outputs);
      const lists = skus.length === 0 ? [undefined] : chunks(skus, MOST_SKUS).map(some => some.join(','));
      const items = [];
      for (const sku of lists)
        items.push(...(await api.list(operations.storePrices, { parameters: { id }, query: { sku, at } })));
      printList(
        items,
        {
          sku: price => price.sku,
          type: price => price.priceType,
          price: price => `${majorUnits(price.amount, price.currency)} ${price.currency}`,
          'lowest of 30 days': price => majorUnits(price.lowest30Days, price.currency),
          since: price => price.since,
          until: price => price.until,
          channel: price => price.channel,
          update: price => price.updateId,
        },
        json,
      );
    });
}
