/** `delivery UPDATE [--watch]`: who has applied an update, and who hasn't, by the stores' own receipts. */

import type { Command } from 'commander';
import { chunks } from '../../domain/chunks.ts';
import { type Delivery, operations, wholeList } from '../../domain/protocol/http-api.ts';
import { NotFoundError } from '../errors.ts';
import { mergeReports, partsOf, summaryOf } from '../list-delivery.ts';
import { printJson, printLine, printNote } from '../print.ts';
import { untilAskedToStop } from '../signals.ts';
import { loadTarget, type Target } from '../target.ts';
import { printList } from '../text-table.ts';

const WATCH_INTERVAL_MS = 1_000;
/** A list of 50,000 prices has 200 parts. */
const PARTS_AT_ONCE = 8;

export function addDeliveryCommand(program: Command): void {
  program
    .command('delivery')
    .description('who has applied an update, or each part of a list of prices')
    .argument('<update>', 'id of an update or of a list')
    .option('--watch', 'print the counts as they change, until nobody is pending')
    .option('--json', 'print JSON')
    .action(async (updateId: string, _options, command: Command) => {
      const { outputs, watch, json } = command.optsWithGlobals<{
        outputs?: string;
        watch?: boolean;
        json?: boolean;
      }>();
      const target = loadTarget(outputs);
      const report = watch ? await watchReport(target, updateId) : await readReport(target, updateId);
      if (json) {
        printJson(report);
        return;
      }
      if (!watch) printLine(summaryOf(report));
      printList(
        report.stores,
        {
          store: store => store.storeId,
          state: store => store.state,
          at: store => store.at,
          reason: store => store.reason,
        },
        false,
      );
    });
}

/** @param id of an update, or of a list of prices */
async function readReport(target: Target, id: string): Promise<Delivery> {
  try {
    return await readUpdateReport(target, id);
  } catch (error) {
    const parts = error instanceof NotFoundError ? await partsOf(target.api, id) : [];
    if (parts.length === 0) throw error;
    const reports: Delivery[] = [];
    for (const some of chunks(parts, PARTS_AT_ONCE))
      reports.push(...(await Promise.all(some.map(part => readUpdateReport(target, part)))));
    return mergeReports(id, reports);
  }
}

/** The counts of its first page, and the stores of all of them. */
async function readUpdateReport({ api }: Target, updateId: string): Promise<Delivery> {
  let first: Delivery | undefined;
  const stores = await wholeList(
    async cursor => {
      const call = { parameters: { id: updateId }, query: { limit: 1_000, cursor } };
      const page = await api.call(operations.getDelivery, call);
      first ??= page;
      return page;
    },
    page => page.stores,
  );
  if (first === undefined) throw new Error('a list has one page at least');
  const { cursor: _, ...counts } = first;
  return { ...counts, stores };
}

/** The last report: when every store on the line has answered, or the user has seen enough. */
async function watchReport(target: Target, updateId: string): Promise<Delivery> {
  let isStopped = false;
  void untilAskedToStop().then(() => {
    isStopped = true;
  });
  for (let last = ''; ; ) {
    const report = await readReport(target, updateId);
    const line = summaryOf(report);
    if (line !== last) printNote(line);
    last = line;
    if (report.pending === 0 || isStopped) return report;
    await new Promise(resolve => setTimeout(resolve, WATCH_INTERVAL_MS));
  }
}
