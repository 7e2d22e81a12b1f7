/**
 * `POST /updates`: puts what head office publishes on the bus, checked by the broadcast's own rules first. The update's id
 * is taken for its content before that, so that a repetition is told from a conflict at once.
 */
import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { Environment } from '../../domain/names.ts';
import type { AnswerOf, operations } from '../../domain/protocol/http-api.ts';
import { Publication } from '../../domain/protocol/http-bodies.ts';
import { checkTopic, parseEvent, RefusedEventError } from '../../domain/updates/published-events.ts';
import { readTopics } from '../../domain/updates/topics.ts';
import { checkSize, type Update, UpdateTooLargeError } from '../../domain/updates/update.ts';
import { required } from '../aws/environment.ts';
import { contentDigest, digestOf, type UpdateIds } from '../updates/update-ids.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import { addressed } from '../updates/withdrawal/price-withdrawal.ts';
import { type ApiRequest, parseBody } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { EventNotTakenError, type UpdateBus } from './update-bus.ts';

/** A repeated Idempotency-Key publishes once; one that is reused for something else is refused. */
export async function publishUpdate(
  request: ApiRequest,
  { bus, ids, log }: { bus: UpdateBus; ids: UpdateIds; log: UpdateLog },
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
  await takeIds(update, keyId, ids, request.now);
  try {
    await bus.put(type, named);
  } catch (error) {
    if (!(error instanceof EventNotTakenError)) throw error;
    throw new HttpProblem(503, 'the bus did not take it; it can be sent again');
  }
  return { updateId };
}

/** The same key of the same caller is the same update: a caller of another issuer or role is another. */
function idOfKey({ identity, idempotencyKey, ourToken }: ApiRequest): string | undefined {
  if (idempotencyKey === undefined || idempotencyKey.trim() === '') return undefined;
  const caller = identity.role === 'store' ? identity.storeId : identity.name;
  const parts = JSON.stringify([ourToken !== undefined, identity.role, caller, idempotencyKey]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

/** @throws HttpProblem 409 if the key or the update's id stands for something else */
async function takeIds(
  update: Update,
  keyId: string | undefined,
  ids: UpdateIds,
  now: number,
): Promise<void> {
  const digest = contentDigest(update);
  // A key whose body names an update itself stands for that update, too.
  if (
    keyId !== undefined &&
    keyId !== update.id &&
    !(await ids.take(keyId, digestOf([update.id, digest]), now))
  )
    throw new HttpProblem(409, 'the Idempotency-Key was used for another body');
  if (!(await ids.take(update.id, digest, now))) {
    const name = keyId === update.id ? 'the Idempotency-Key' : `the updateId ${update.id}`;
    throw new HttpProblem(409, `${name} was used for another update`);
  }
}

/** @throws HttpProblem 422 if a withdrawal names what can't be withdrawn */
async function withAudience(update: Update, log: UpdateLog, now: number): Promise<Update> {
  if (update.kind !== 'price.withdrawn') return update;
  try {
    return await addressed(update, log, now);
  } catch (error) {
    if (error instanceof RefusedEventError) throw new HttpProblem(422, error.message);
    throw error;
  }
}

function checkedUpdate(type: string, detail: unknown, now: number): Update {
  const topics = readTopics(required(Environment.messageTopics));
  try {
    const update = parseEvent({ id: 'checked', 'detail-type': type, detail }, now);
    checkTopic(update, topics);
    checkSize(update);
    return update;
  } catch (error) {
    if (error instanceof RefusedEventError) throw new HttpProblem(422, error.message);
    if (error instanceof UpdateTooLargeError) throw new HttpProblem(413, error.message);
    throw error;
  }
}
