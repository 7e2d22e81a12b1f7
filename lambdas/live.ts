/**
 * Shows managers what is happening now: sales, receipts and stores that come and go, as frames of absolute figures. And
 * it ends the lines that a newer one of their store has replaced (live/end-replaced.ts).
 *
 * Trigger: the streams of the tables, gathered for a second. With no manager on the line it reads no more than that.
 * A repeated batch pushes the same figures again. A late or lost one is healed by the next, or by the HTTP API, which
 * a page asks for the whole: nothing that must be exact hangs on a push.
 */
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { Environment } from '../domain/names.ts';
import type { ManagerFrame } from '../domain/protocol/manager-frames.ts';
import { type Change, tableOf, toChange } from './aws/change.ts';
import { lazily, required } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { posterFromEnvironment } from './fan-out/poster.ts';
import { gatewayFromEnvironment } from './gateway/gateway.ts';
import { endReplaced } from './live/end-replaced.ts';
import { PushedDeliveries } from './live/push-delivery.ts';
import { presence } from './live/push-presence.ts';
import { salesTotals } from './live/push-totals.ts';
import { updatesInInbox } from './receipts/receipt-inbox.ts';
import { receiptsFromEnvironment } from './receipts/receipts.ts';
import type { Member } from './registry/connection-items.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { rosterFromEnvironment } from './registry/roster.ts';
import { updateOfKey } from './updates/update-items.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

/** What the changes of one table tell managers. */
type Telling = (changes: readonly Change[], now: number) => Promise<ManagerFrame[]>;

const runtime = lazily(() => {
  const connections = connectionsFromEnvironment();
  const roster = rosterFromEnvironment();
  const deliveries = new PushedDeliveries({
    connections,
    roster,
    receipts: receiptsFromEnvironment(),
    updates: updateLogFromEnvironment(),
  });
  const tellings = new Map<string, Telling>([
    [required(Environment.salesTable), salesTotals],
    [required(Environment.connectionsTable), presence],
    [required(Environment.inboxTable), (changes, now) => deliveries.of(received(changes), now)],
    [required(Environment.updatesTable), (changes, now) => deliveries.of(published(changes), now)],
  ]);
  const gateway = gatewayFromEnvironment();
  return { connections, gateway, poster: posterFromEnvironment(), roster, tellings };
});

/** The next batch has newer figures: what could not be posted by then is given up. */
const POSTING_TIME_MS = 5_000;

export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<void> => {
  const [first] = Records;
  if (first === undefined) return;
  // A batch is of one stream.
  const table = tableOf(first);
  const changes = Records.map(toChange);
  const isOfLines = table === required(Environment.connectionsTable);
  await Promise.all([tellManagers(table, changes), isOfLines && endReplaced(changes, runtime())]);
};

async function tellManagers(table: string, changes: readonly Change[]): Promise<void> {
  const startedAt = Date.now();
  const managers = await runtime().connections.managers(startedAt);
  if (managers.length === 0) return;
  const tell = runtime().tellings.get(table);
  if (tell === undefined) throw new Error(`the stream of ${table} tells managers nothing`);
  await push(await tell(changes, startedAt), managers, startedAt);
}

/** The updates that receipts have come for. */
function received(changes: readonly Change[]): string[] {
  return changes.flatMap(({ after }) => (after === undefined ? [] : updatesInInbox(after)));
}

function published(changes: readonly Change[]): string[] {
  return changes.filter(({ isRemoval }) => !isRemoval).flatMap(({ keys }) => updateOfKey(keys) ?? []);
}

/** Every frame to every manager, side by side: one that is slow or gone holds up nobody. */
async function push(frames: ManagerFrame[], managers: Member[], startedAt: number): Promise<void> {
  const { connections, poster } = runtime();
  const mayPost = () => Date.now() < startedAt + POSTING_TIME_MS;
  const reports = await Promise.all(
    frames.map(frame => poster.post(JSON.stringify(frame), [managers], mayPost)),
  );
  const gone = new Set(reports.flatMap(report => report.gone));
  await connections.removeAll(gone, startedAt);
  const failed = reports.reduce((sum, report) => sum + report.failed.length, 0);
  const updateIds = frames.flatMap(frame => (frame.type === 'delivery' ? [frame.updateId] : []));
  const fields = { managers: managers.length, gone: gone.size, failed, updateIds };
  if (gone.size + failed > 0) log.warn('managers were not reached', fields);
  else if (updateIds.length > 0) log.info('deliveries pushed', fields);
}
