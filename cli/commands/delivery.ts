/** `delivery UPDATE [--watch]`: who has applied an update, and who hasn't, by the stores' own receipts. */
import type { Command } from 'commander';
import { untilAskedToStop } from '../signals.ts';
import { loadTarget, type Target } from '../target.ts';
import { printList } from '../text-table.ts';

interface StoreDelivery extends Record<string, unknown> {
  storeId: string;
  state: string;
  at: string | null;
  reason?: string;
}
interface Report {
  targeted: number;
  applied: number;
  rejected: number;
  pending: number;
  offline: number;
  expired: number;
  lastAppliedMs: number | null;
  stores: StoreDelivery[];
}

const WATCH_INTERVAL_MS = 1_000;

export function addDeliveryCommand(program: Command): void {
  program
    .command('delivery')
    .description('who has applied an update')
    .argument('<update>', 'update id')
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
        console.log(JSON.stringify(report));
        return;
      }
      if (!watch) console.log(summary(report));
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

async function readReport(target: Target, updateId: string): Promise<Report> {
  const { first, items } = await target.list<StoreDelivery>(
    `updates/${encodeURIComponent(updateId)}/delivery`,
    'stores',
  );
  return { ...(first as unknown as Report), stores: items };
}

/** The last report: when every store on the line has answered, or the user has seen enough. */
async function watchReport(target: Target, updateId: string): Promise<Report> {
  let isStopped = false;
  void untilAskedToStop().then(() => {
    isStopped = true;
  });
  for (let last = ''; ; ) {
    const report = await readReport(target, updateId);
    const line = summary(report);
    if (line !== last) console.error(line);
    last = line;
    if (report.pending === 0 || isStopped) return report;
    await new Promise(resolve => setTimeout(resolve, WATCH_INTERVAL_MS));
  }
}

function summary(report: Report): string {
  const { targeted, applied, rejected, pending, offline, expired, lastAppliedMs } = report;
  const last = lastAppliedMs === null ? '' : ` · the last after ${lastAppliedMs} ms`;
  return `${applied} of ${targeted} applied · ${pending} pending · ${offline} offline · ${rejected} rejected · ${expired} expired${last}`;
}
