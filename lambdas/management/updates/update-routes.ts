/** What was published, and the proof of who has it. */
import type { FlattenedJws } from '../../../domain/identity/jws.ts';
import type {
  Delivery,
  Page,
  PublishedUpdate,
  StoreDelivery,
  UpdateSummary,
} from '../../../domain/protocol/http-api.ts';
import type { Update } from '../../../domain/updates/update.ts';
import { type EvidenceSigner, MOST_STORES, mostThatFit } from '../../identity/evidence-signer.ts';
import type { HeldUpdates } from '../../publishing/held-updates.ts';
import type { DeliveryReport } from '../../receipts/delivery-report.ts';
import { DeliverySum } from '../../receipts/delivery-sum.ts';
import { deliveryParts, type FleetSources } from '../../receipts/fleet-parts.ts';
import { partsOf } from '../../receipts/whole-delivery.ts';
import type { Pace } from '../../registry/pace.ts';
import type { RolloutTable } from '../../rollouts/rollout-table.ts';
import type { PublishedList } from '../../updates/published-list.ts';
import type { PublishedUpdate as FoundUpdate, UpdateLog } from '../../updates/update-log.ts';
import type { ApiRequest, Query } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { decodeCursor, encodeCursor, pageLimit, pageOf } from '../paging.ts';
import { describeHeld, listWaiting } from './approval-routes.ts';
import { describe } from './update-summary.ts';

/** Where an id leads: to an update, or to those of a rollout. */
interface NamedUpdates {
  log: UpdateLog;
  rollouts: RolloutTable;
}

/** `GET /updates`: newest first. */
export async function listUpdates(
  request: ApiRequest,
  { held, published }: { held: HeldUpdates; published: PublishedList },
): Promise<Page<UpdateSummary>> {
  const { query } = request;
  if (query.state !== undefined) return listWaiting(request, held);
  const limit = pageLimit(query);
  const before = query.cursor === undefined ? undefined : Number(decodeCursor(query.cursor));
  if (before !== undefined && !Number.isSafeInteger(before))
    throw new HttpProblem(400, 'the cursor is not one of this list');
  const { found, hasMore } = await published.page(limit, before);
  const last = hasMore ? found.at(-1) : undefined;
  const cursor = last === undefined ? {} : { cursor: encodeCursor(String(last.place)) };
  return { items: found.map(({ update }) => describe(update)), ...cursor };
}

/** `GET /updates/{id}` */
export async function getUpdate(
  { parameters }: ApiRequest,
  { held, ...sources }: NamedUpdates & { held: HeldUpdates },
): Promise<PublishedUpdate> {
  const waiting = await held.find(parameters.id ?? '');
  if (waiting?.state === 'waiting')
    return { ...describeHeld(waiting), positions: null, data: waiting.update.data };
  return describeWhole(await find(parameters, sources));
}

type ReportSources = NamedUpdates & FleetSources;

/** A receipt that has not come so long after its update does not wait for its store's next report. */
const RECEIPTS_WAIT_MS = 5 * 60_000;

/** `GET /updates/{id}/delivery`: whoever asks while receipts are on their way watches them, and stores report each second. */
export async function getDelivery(
  { now, parameters, query }: ApiRequest,
  { pace, ...sources }: ReportSources & { pace: Pace },
): Promise<Delivery> {
  const found = await find(parameters, sources);
  const { update } = found;
  const report = await reportOf(found, sources, { now, query, most: pageLimit(query) });
  const isAwaited = now < Date.parse(update.publishedAt) + RECEIPTS_WAIT_MS;
  if (report.counts.pending > 0 && isAwaited) await pace.watch(now);
  return deliveryPage(update, report, query);
}

/** `GET /updates/{id}/evidence`: the same, signed; where its stores take more than an answer, part by part. */
export async function getEvidence(
  { now, parameters, query }: ApiRequest,
  { evidence, ...sources }: ReportSources & { evidence: EvidenceSigner },
): Promise<FlattenedJws> {
  const found = await find(parameters, sources);
  const update = describeWhole(found);
  const report = await reportOf(found, sources, { now, query, most: MOST_STORES });
  return evidence.sign({
    madeAt: new Date(now).toISOString(),
    update,
    delivery: deliveryPage(found.update, report, query, rest => mostThatFit(rest, update)),
    after: query.cursor === undefined ? null : decodeCursor(query.cursor),
  });
}

/** @returns the counts of all stores, and of the stores behind the cursor one more than `most`, where there are more */
async function reportOf(
  found: FoundUpdate,
  sources: ReportSources,
  { most, now, query }: { most: number; now: number; query: Query },
): Promise<DeliveryReport> {
  const after = query.cursor === undefined ? '' : decodeCursor(query.cursor);
  const whole = { update: found.update, ...(await partsOf(found, sources.log)) };
  const sum = new DeliverySum();
  const stores: StoreDelivery[] = [];
  for await (const { reports } of deliveryParts([whole], sources, now)) {
    for (const report of reports.values()) {
      sum.add(report);
      stores.push(...firstAfter(report.stores, after, most + 1));
    }
  }
  stores.sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
  return { counts: sum.counts, lastAppliedMs: sum.lastAppliedMs, stores: stores.slice(0, most + 1) };
}

/** @param stores in the order of their ids */
function firstAfter(stores: readonly StoreDelivery[], after: string, most: number): StoreDelivery[] {
  const start = stores.findIndex(({ storeId }) => storeId > after);
  return start === -1 ? [] : stores.slice(start, start + most);
}

function deliveryPage(
  { id }: Update,
  { counts, lastAppliedMs, stores }: DeliveryReport,
  query: Query,
  limitOf?: (rest: readonly StoreDelivery[]) => number,
): Delivery {
  const { items, ...rest } = pageOf(stores, ({ storeId }) => storeId, query, limitOf);
  return { updateId: id, ...counts, lastAppliedMs, stores: items, ...rest };
}

function describeWhole({ positions, update }: FoundUpdate): PublishedUpdate {
  return { ...describe(update), positions: positions ?? null, data: update.data };
}

async function find(
  { id = '' }: ApiRequest['parameters'],
  { log, rollouts }: NamedUpdates,
): Promise<FoundUpdate> {
  const found = await log.find(id);
  if (found !== undefined) return found;
  const isStaged = (await rollouts.find(id)) !== undefined;
  const reason = isStaged ? `${id} goes out in waves: see /rollouts/${id}` : `no update ${id} was published`;
  throw new HttpProblem(404, reason);
}
