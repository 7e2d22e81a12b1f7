/**
 * Gathers receipts by update, so that the report of an update reads few items, and not what each store has sent.
 *
 * Trigger: a schedule, each minute. A repeated or late event finds less or more to do; what a run has no time for, or
 * what it failed in, the next one does. Until then receipts are read where they came in: late, none is missing.
 */
import type { Context } from 'aws-lambda';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { ReceiptGatherer } from './receipts/receipt-gatherer.ts';
import { receiptTablesFromEnvironment } from './receipts/receipts.ts';

const runtime = lazily(() => new ReceiptGatherer(receiptTablesFromEnvironment()));

/** Longer than a page of a shard takes. */
const PAGE_TIME_MS = 20_000;

export const handler = async (_event: unknown, context: Context): Promise<void> => {
  const startedAt = Date.now();
  const mayGoOn = () => context.getRemainingTimeInMillis() > PAGE_TIME_MS;
  const receipts = await runtime().run(startedAt, mayGoOn);
  if (receipts > 0) log.info('receipts gathered', { receipts, durationMs: Date.now() - startedAt });
};
