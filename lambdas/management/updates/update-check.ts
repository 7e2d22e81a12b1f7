/** What every way to publish over HTTP checks and answers alike. */
import { Environment } from '../../../domain/names.ts';
import { checkTopic, parseEvent, RefusedEventError } from '../../../domain/updates/published-events.ts';
import { readTopics } from '../../../domain/updates/topics.ts';
import { checkSize, type Update, UpdateTooLargeError } from '../../../domain/updates/update.ts';
import { required } from '../../aws/environment.ts';
import { EventNotTakenError } from '../../publishing/update-bus.ts';
import type { UpdateLog } from '../../updates/update-log.ts';
import { addressed } from '../../updates/withdrawal/price-withdrawal.ts';
import { HttpProblem } from '../http-answer.ts';

/** An update as the broadcast will read it. @throws HttpProblem 422, or 413 where it is too large */
export function checkedUpdate(type: string, detail: unknown, now: number): Update {
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

/** @throws HttpProblem 422 if a withdrawal names what can't be withdrawn, 413 if it reaches more stores than a frame can name */
export async function withAudience(update: Update, log: UpdateLog, now: number): Promise<Update> {
  if (update.kind !== 'price.withdrawn') return update;
  try {
    return await addressed(update, log, now);
  } catch (error) {
    if (error instanceof RefusedEventError) throw new HttpProblem(422, error.message);
    if (error instanceof UpdateTooLargeError) throw new HttpProblem(413, error.message);
    throw error;
  }
}

/** @throws HttpProblem 503 where the bus doesn't take it */
export async function putOrRefuse(put: () => Promise<void>): Promise<void> {
  try {
    await put();
  } catch (error) {
    if (!(error instanceof EventNotTakenError)) throw error;
    throw new HttpProblem(503, 'the bus did not take it; it can be sent again');
  }
}

/** A second person has said no to it. */
export function refusedBefore(updateId: string): HttpProblem {
  return new HttpProblem(409, `the update ${updateId} was refused`);
}
