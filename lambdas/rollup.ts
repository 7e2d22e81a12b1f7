/**
 * Rolls up the hours of the sales that have ended, so that totals of a day need not read each minute of each store.
 *
 * Trigger: a schedule, each five minutes. A repeated or late event finds less or more to do: a roll-up is absolute, and
 * entered only where no other, and no late sale, came before it. What one run has no time for is the next one's.
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

/** More than the hours that are begun together take. */
const CLOSING_TIME_MS = 60_000;

export const handler = async (_event: unknown, context: Context): Promise<void> => {
  const startedAt = Date.now();
  const mayGoOn = () => context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
  const report = await runtime().run(startedAt, mayGoOn);
  log.info('rolled up', { ...report, durationMs: Date.now() - startedAt });
};
