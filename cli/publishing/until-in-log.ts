/**
 * Waits for a part of a price list before the next is sent. All at once they would be broadcast at once, and their writes
 * go to the same partitions, which take a thousand units a second.
 */
import { operations } from '../../domain/protocol/http-api.ts';
import type { ApiClient } from '../api-client.ts';
import { CommandError } from '../errors.ts';

const POLL_MS = 200;
const MOST_POLLS = 300;

/** @throws CommandError if it is not in the log of its channels after a minute */
export async function untilInLog(api: ApiClient, updateId: string): Promise<void> {
  let reason: unknown;
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    try {
      const { positions } = await api.call(operations.getUpdate, { parameters: { id: updateId } });
      if (positions !== null) return;
    } catch (error) {
      // The API knows it once its broadcast has begun.
      if (!(error instanceof CommandError)) throw error;
      reason = error;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  throw new CommandError(
    `update ${updateId} is not published after a minute, so the rest of the list was not sent; see storecast dead-letters`,
    { cause: reason },
  );
}
