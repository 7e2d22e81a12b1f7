/** `POST /updates`: puts what head office publishes on the bus, checked by the broadcast's own rules first. */
import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { type AnswerOf, type operations, Publication } from '../../domain/protocol/http-api.ts';
import { parseEvent, RefusedEventError } from '../../domain/updates/published-events.ts';
import { checkSize, UpdateTooLargeError } from '../../domain/updates/update.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { EventNotTakenError, type UpdateBus } from './update-bus.ts';

/** A repeated Idempotency-Key publishes once. */
export async function publishUpdate(
  request: ApiRequest,
  { bus }: { bus: UpdateBus },
): Promise<AnswerOf<typeof operations.publishUpdate>> {
  const parsed = v.safeParse(Publication, parseBody(request.body));
  if (!parsed.success) throw new HttpProblem(400, 'the body must be {"type": detail-type, "detail": {…}}');
  const { type, detail } = parsed.output;
  const updateId = detail.updateId ?? idOf(request);
  const named = { ...detail, updateId };
  checkPublication(type, named, request.now);
  try {
    await bus.put(type, named);
  } catch (error) {
    if (!(error instanceof EventNotTakenError)) throw error;
    throw new HttpProblem(503, 'the bus did not take it; it can be sent again');
  }
  return { updateId };
}

/** The same key of the same caller is the same update. */
function idOf({ identity, idempotencyKey }: ApiRequest): string {
  if (idempotencyKey === undefined || idempotencyKey.trim() === '') return randomUUID();
  const caller = identity.role === 'store' ? identity.storeId : identity.name;
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
