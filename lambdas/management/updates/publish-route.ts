/**
 * `POST /updates`: puts what head office publishes on the bus, checked by the broadcast's own rules first. The update's id
 * is taken for its content before that, so that a repetition is told from a conflict at once. What breaks a guard waits for a
 * second person, or is refused.
 */
import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { AnswerOf, operations } from '../../../domain/protocol/http-api.ts';
import { Publication } from '../../../domain/protocol/http-bodies.ts';
import type { Update } from '../../../domain/updates/update.ts';
import type { AdmittedBus } from '../../publishing/admitted-bus.ts';
import type { HeldUpdate, HeldUpdates } from '../../publishing/held-updates.ts';
import type { UpdateGuard } from '../../publishing/update-guard.ts';
import { contentDigest, digestOf, type UpdateIds } from '../../updates/update-ids.ts';
import type { UpdateLog } from '../../updates/update-log.ts';
import { type ApiRequest, callerOf, nameOf, parseBody } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { checkedUpdate, putOrRefuse, refusedBefore, withAudience } from './update-check.ts';

interface PublishingSources {
  admitted: AdmittedBus;
  guard: UpdateGuard;
  held: HeldUpdates;
  ids: UpdateIds;
  log: UpdateLog;
}

/** A repeated Idempotency-Key publishes once; one that is reused for something else is refused. */
export async function publishUpdate(
  request: ApiRequest,
  { admitted, guard, held, ids, log }: PublishingSources,
): Promise<AnswerOf<typeof operations.publishUpdate>> {
  const parsed = v.safeParse(Publication, parseBody(request.body));
  if (!parsed.success) throw new HttpProblem(400, 'the body must be {"type": detail-type, "detail": {…}}');
  const { type, detail } = parsed.output;
  const keyId = idOfKey(request);
  const updateId = detail.updateId ?? keyId ?? randomUUID();
  // EventBridge keeps an event's time to the second only. A person publishes here, and waits for the receipts.
  const own = { publishedAt: new Date(request.now).toISOString(), receipts: 'now' };
  const named = { ...own, ...detail, updateId };
  const update = await withAudience(checkedUpdate(type, named, request.now), log, request.now);
  const reasons = await reasonsAgainst(update, guard, request.now);
  await takeIds(update, keyId, ids, request.now);
  if (reasons.length > 0)
    return hold(request, { type, detail: { ...detail, updateId }, update, reasons }, held);
  await putOrRefuse(() => admitted.put(type, named, request.now));
  return { updateId };
}

/** What speaks against it. @throws HttpProblem 422 where nobody could approve it: its id stays free */
async function reasonsAgainst(update: Update, guard: UpdateGuard, now: number): Promise<string[]> {
  if (!guard.isOn || (await guard.isAdmitted(update))) return [];
  const reasons = await guard.reasonsAgainst(update, now);
  if (reasons.length > 0 && guard.approval === 'none') throw new HttpProblem(422, reasons.join('; '));
  return reasons;
}

/** Lets it wait for a second person. One that waits already, waits once. @throws HttpProblem 409 if it was refused */
async function hold(
  request: ApiRequest,
  publication: Pick<HeldUpdate, 'type' | 'detail' | 'update' | 'reasons'>,
  held: HeldUpdates,
): Promise<AnswerOf<typeof operations.publishUpdate>> {
  const { id: updateId } = publication.update;
  const author = nameOf(request);
  const caller = callerOf(request);
  if (!(await held.hold({ ...publication, updateId, author, caller }, request.now))) {
    const known = await held.find(updateId);
    if (known?.state === 'refused') throw refusedBefore(updateId);
    if (known?.state === 'approved') return { updateId };
  }
  return { updateId, state: 'waiting', reasons: publication.reasons };
}

/** The same key of the same caller is the same update: a caller of another issuer or role is another. */
function idOfKey(request: ApiRequest): string | undefined {
  const { idempotencyKey } = request;
  if (idempotencyKey === undefined || idempotencyKey.trim() === '') return undefined;
  const parts = JSON.stringify([callerOf(request), idempotencyKey]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

/** @throws HttpProblem 409 if the key or the update's id stands for something else */
async function takeIds(
  update: Update,
  keyId: string | undefined,
  ids: UpdateIds,
  now: number,
): Promise<void> {
  // A key whose body names an update itself stands for that update, too.
  if (
    keyId !== undefined &&
    keyId !== update.id &&
    !(await ids.reserve(keyId, digestOf([update.id, contentDigest(update)]), now))
  )
    throw new HttpProblem(409, 'the Idempotency-Key was used for another body');
  if (!(await ids.take(update, now))) {
    const name = keyId === update.id ? 'the Idempotency-Key' : `the updateId ${update.id}`;
    throw new HttpProblem(409, `${name} was used for another update`);
  }
}
