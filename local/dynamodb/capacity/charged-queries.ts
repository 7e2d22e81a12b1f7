/** Charges each page of a query or a scan: for all that was read, before the filter. */
import { createRequire } from 'node:module';
import { type Done, type Store, showingValues } from './dynalite-store.ts';
import { itemBytes } from './item-size.ts';
import type { PageInput } from './table-capacity.ts';

type QueryTable = (
  store: Store,
  table: object,
  input: PageInput,
  range: object,
  isLocal: boolean,
  fetches: boolean,
  startKeyNames: string[],
  done: Done,
) => void;

// dynalite is CommonJS without types.
const require = createRequire(import.meta.url);
const database = require('dynalite/db') as { queryTable: QueryTable };
const { queryTable } = database;

/** dynalite's scans are consistent whatever is asked for, so it drops the parameter, which doubles the price. */
const { types } = require('dynalite/validations/scan') as { types: Record<string, unknown> };
types.ConsistentRead = 'Boolean';

database.queryTable = (store, table, input, range, isLocal, fetches, startKeyNames, done) => {
  const { capacity } = store.options;
  if (capacity === undefined)
    return queryTable(store, table, input, range, isLocal, fetches, startKeyNames, done);
  const sizes: number[] = [];
  const view = showingValues(store, item => sizes.push(itemBytes(item)));
  queryTable(view, table, input, range, isLocal, fetches, startKeyNames, (error, result) => {
    if (error) return done(error);
    const bytes = sizes.slice(0, Number(result?.ScannedCount)).reduce((sum, size) => sum + size, 0);
    done(capacity.page(input, bytes) ?? null, result);
  });
};
