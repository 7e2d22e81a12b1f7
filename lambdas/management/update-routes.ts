/** What was published, and the proof of who has it. */
import type { Delivery, Page, PublishedUpdate, UpdateSummary } from '../../domain/protocol/http-api.ts';
import { localTimesOf } from '../../domain/retail/validity.ts';
import type { UpdateSummary as Summary } from '../../domain/updates/update.ts';
import { deliveryOf, readFleet } from '../receipts/delivery-report.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Connections } from '../registry/connections.ts';
import type { Pace } from '../registry/pace.ts';
import type { Roster } from '../registry/roster.ts';
import type { PublishedList } from '../updates/published-list.ts';
import type { PublishedUpdate as FoundUpdate, UpdateLog } from '../updates/update-log.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { decodeCursor, encodeCursor, pageLimit, pageOf } from './paging.ts';

/** `GET /updates`: newest first. */
export async function listUpdates(
  { query }: ApiRequest,
  { published }: { published: PublishedList },
): Promise<Page<UpdateSummary>> {
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
  { log }: { log: UpdateLog },
): Promise<PublishedUpdate> {
  const { positions, update } = await find(parameters, log);
  return { ...describe(update), positions: positions ?? null, data: update.data };
}

interface DeliverySources {
  connections: Connections;
  log: UpdateLog;
  pace: Pace;
  receipts: Receipts;
  roster: Roster;
}

/** A receipt that has not come so long after its update does not wait for its store's next report. */
const RECEIPTS_WAIT_MS = 5 * 60_000;

/** `GET /updates/{id}/delivery`: whoever asks while receipts are on their way watches them, and stores report each second. */
export async function getDelivery(
  { now, parameters, query }: ApiRequest,
  { log, pace, receipts, ...fleetSources }: DeliverySources,
): Promise<Delivery> {
  const { update } = await find(parameters, log);
  const [fleet, received] = await Promise.all([readFleet(fleetSources, now), receipts.of(update.id)]);
  const { counts, lastAppliedMs, stores } = deliveryOf(update, fleet, received, now);
  if (counts.pending > 0 && now < Date.parse(update.publishedAt) + RECEIPTS_WAIT_MS) await pace.watch(now);
  const { items, ...rest } = pageOf(stores, ({ storeId }) => storeId, query);
  return { updateId: update.id, ...counts, lastAppliedMs, stores: items, ...rest };
}

function describe(update: Summary): UpdateSummary {
  const { id, kind, publishedAt, validFrom, validUntil, audience = null, priceList } = update;
  const times = { validFrom, validUntil, ...localTimesOf(update) };
  const list = priceList === undefined ? {} : { priceList };
  return { updateId: id, kind, publishedAt, ...times, audience, ...list };
}

async function find({ id = '' }: ApiRequest['parameters'], log: UpdateLog): Promise<FoundUpdate> {
  const found = await log.find(id);
  if (found === undefined) throw new HttpProblem(404, `no update ${id} was published`);
  return found;
}
