/** What was published, and the proof of who has it. */
import { createHash, randomUUID } from 'node:crypto';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import * as v from 'valibot';
import { EVENT_SOURCE, parseEvent, RefusedEventError } from '../../domain/updates/published-events.ts';
import { checkSize, type Update, UpdateTooLargeError } from '../../domain/updates/update.ts';
import { deliveryOf, readFleet } from '../receipts/delivery-report.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { decodeCursor, encodeCursor, json, paged, pageLimit } from './http-answers.ts';
import { HttpProblem } from './problem.ts';

const Publication = v.strictObject({
  type: v.string(),
  detail: v.looseObject({ updateId: v.optional(v.string()) }),
});

/** `POST /updates`: refuses at once what the broadcast would refuse; a repeated Idempotency-Key publishes once. */
export async function publishUpdate(context: ManagementContext): Promise<HttpAnswer> {
  const parsed = v.safeParse(Publication, parseBody(context.body));
  if (!parsed.success) throw new HttpProblem(400, 'the body must be {"type": detail-type, "detail": {…}}');
  const { type, detail } = parsed.output;
  const updateId = detail.updateId ?? idOf(context);
  const named = { ...detail, updateId };
  checkPublication(type, named, context.now);
  const { Entries } = await context.events.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: context.busName,
          Source: EVENT_SOURCE,
          DetailType: type,
          Detail: JSON.stringify(named),
        },
      ],
    }),
  );
  if (Entries?.[0]?.EventId === undefined)
    throw new HttpProblem(503, 'the bus did not take it; it can be sent again');
  return json(202, { updateId });
}

/** The same key of the same caller is the same update. */
function idOf({ caller, idempotencyKey }: ManagementContext): string {
  if (idempotencyKey === undefined || idempotencyKey.trim() === '') return randomUUID();
  return createHash('sha256').update(`${caller}\n${idempotencyKey}`).digest('hex').slice(0, 32);
}

function checkPublication(type: string, detail: unknown, now: number): void {
  try {
    checkSize(parseEvent({ id: 'checked', 'detail-type': type, detail }, now));
  } catch (error) {
    if (error instanceof RefusedEventError) throw new HttpProblem(422, error.message);
    if (error instanceof UpdateTooLargeError) throw new HttpProblem(413, error.message);
    throw error;
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw new HttpProblem(400, 'the body is not JSON');
    throw error;
  }
}

/** `GET /updates`: newest first. */
export async function listUpdates({ log, query }: ManagementContext): Promise<HttpAnswer> {
  const limit = pageLimit(query);
  const before = query.cursor === undefined ? undefined : Number(decodeCursor(query.cursor));
  if (before !== undefined && !Number.isSafeInteger(before))
    throw new HttpProblem(400, 'the cursor is not one of this list');
  const found = await log.published(limit, before);
  const last = found.length === limit ? found.at(-1) : undefined;
  const cursor = last === undefined ? {} : { cursor: encodeCursor(String(last.place)) };
  return json(200, { items: found.map(({ update }) => describe(update)), ...cursor });
}

/** `GET /updates/{id}` */
export async function getUpdate(context: ManagementContext): Promise<HttpAnswer> {
  const { positions, update } = await find(context);
  return json(200, { ...describe(update), positions: positions ?? null, data: update.data });
}

function describe(update: Omit<Update, 'data'>) {
  const { id, kind, publishedAt, validFrom, validUntil, audience } = update;
  return { updateId: id, kind, publishedAt, validFrom, validUntil, audience: audience ?? null };
}

async function find({ log, parameters }: ManagementContext) {
  const { id = '' } = parameters;
  const found = await log.find(id);
  if (found === undefined) throw new HttpProblem(404, `no update ${id} was published`);
  return found;
}

/** `GET /updates/{id}/delivery` */
export async function getDelivery(context: ManagementContext): Promise<HttpAnswer> {
  const { update } = await find(context);
  const [fleet, receipts] = await Promise.all([
    readFleet(context, context.now),
    context.receipts.of(update.id),
  ]);
  const { counts, lastAppliedMs, stores } = deliveryOf(update, fleet, receipts, context.now);
  const { items, ...rest } = paged(stores, ({ storeId }) => storeId, context.query);
  return json(200, { updateId: update.id, ...counts, lastAppliedMs, stores: items, ...rest });
}
