/**
 * Rolls up the hours of the sales that have ended, so that totals of a day need not read each minute of each store.
 *
 * Trigger: a schedule, each five minutes. A repeated or late event finds less or more to do: a roll-up is absolute, and
 * written only if no other, and no late sale, came before it. What one run has no time for, the next one does.
 */
import type { Context } from 'aws-lambda';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { SalesRollup } from './sales/hour-rollup.ts';
import { salesHoursFromEnvironment } from './sales/sales-hours.ts';
import { salesIndexFromEnvironment } from './sales/sales-index.ts';

const runtime = lazily(
  () => new SalesRollup({ hours: salesHoursFromEnvironment(), index: salesIndexFromEnvironment() }),
);

const MOST_NAMED = 50;
/** Longer than the hours of one group take. */
const CLOSING_TIME_MS = 60_000;

export const handler = async (_event: unknown, context: Context): Promise<void> => {
  const startedAt = Date.now();
  const mayGoOn = () => context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
  const { offPrice, ...report } = await runtime().run(startedAt, mayGoOn);
  log.info('rolled up', { ...report, durationMs: Date.now() - startedAt });
  if (offPrice.length === 0) return;
  const fields = { stores: offPrice.length, storeIds: offPrice.slice(0, MOST_NAMED) };
  log.warn('stores charge other prices than they list', fields, { StoresOffPrice: offPrice.length });
};
