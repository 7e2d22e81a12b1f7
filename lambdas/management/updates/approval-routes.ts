/** What waits for a second person, and what that person says. Nobody approves what is their own, nor refuses it. */
import type { AnswerOf, operations, Page, UpdateSummary } from '../../../domain/protocol/http-api.ts';
import { log } from '../../aws/log.ts';
import type { AdmittedBus } from '../../publishing/admitted-bus.ts';
import type { HeldUpdate, HeldUpdates } from '../../publishing/held-updates.ts';
import { type ApiRequest, callerOf, nameOf } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { pageOf } from '../paging.ts';
import { checkedUpdate, putOrRefuse, refusedBefore } from './update-check.ts';
import { describe } from './update-summary.ts';

/** `GET /updates?state=waiting`: newest first. */
export async function listWaiting(
  { now, query }: ApiRequest,
  held: HeldUpdates,
): Promise<Page<UpdateSummary>> {
  if (query.state !== 'waiting') throw new HttpProblem(400, `state takes waiting, not '${query.state}'`);
  const waiting = await held.waiting(now);
  // An order of which a cursor can be a place.
  const places = new Map(waiting.map((update, index) => [update, String(index).padStart(6, '0')]));
  const page = pageOf(waiting, update => places.get(update) ?? '', query);
  return { ...page, items: page.items.map(describeHeld) };
}

export function describeHeld({ askedAt, author, reasons, update }: HeldUpdate): UpdateSummary {
  const since = new Date(askedAt).toISOString();
  return { ...describe(update), state: 'waiting', author, since, reasons };
}

/**
 * `POST /updates/{id}/approval`: publishes it, at this moment unless its publisher gave a time. Decided once; whoever
 * repeats it finishes what a crash has cut off.
 */
export async function approveUpdate(
  request: ApiRequest,
  { admitted, held }: { admitted: AdmittedBus; held: HeldUpdates },
): Promise<AnswerOf<typeof operations.approveUpdate>> {
  const { now } = request;
  const found = await decidable(request, held);
  if (found.state === 'waiting') {
    checkedUpdate(found.type, found.detail, now);
    await held.decide(found.updateId, 'approved', nameOf(request), now);
  }
  const { decidedAt = now, detail, state, type, updateId } = (await held.find(updateIdOf(request))) ?? found;
  if (state === 'refused') throw refusedBefore(updateId);
  const stamped = { publishedAt: new Date(decidedAt).toISOString(), receipts: 'now', ...detail };
  await putOrRefuse(() => admitted.put(type, stamped, now));
  log.info('update approved', { updateId });
  return { updateId };
}

/** `DELETE /updates/{id}/approval`: it is never published. */
export async function refuseUpdate(request: ApiRequest, { held }: { held: HeldUpdates }): Promise<undefined> {
  const { updateId } = await decidable(request, held);
  await held.decide(updateId, 'refused', nameOf(request), request.now);
  if ((await held.find(updateId))?.state !== 'refused')
    throw new HttpProblem(409, `the update ${updateId} was approved`);
  log.info('update refused', { updateId });
}

/** @throws HttpProblem 404 where there is none, 403 for its author */
async function decidable(request: ApiRequest, held: HeldUpdates): Promise<HeldUpdate> {
  const id = updateIdOf(request);
  const found = await held.find(id);
  if (found === undefined) throw new HttpProblem(404, `no update ${id} waits for approval`);
  if (found.caller === callerOf(request))
    throw new HttpProblem(403, 'who has published an update neither approves nor refuses it');
  return found;
}

function updateIdOf({ parameters: { id = '' } }: ApiRequest): string {
  return id;
}
