/**
 * Tells a line whose place a newer line of its store has taken, and closes it. `$connect` of the newer can't: its
 * handshake may still fail, and the older one may be inside its own `$connect`, where no post reaches it. A repeated
 * batch finds the older line gone. A line that can't be told hears it with its next frame, for it is not registered.
 */
import type { Change } from '../aws/change.ts';
import { log } from '../aws/log.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { type Replacement, replacementOf } from '../registry/connection-items.ts';
import type { Roster } from '../registry/roster.ts';

/** API Gateway gives up a `$connect` after 29 s; only a line younger than that may yet open. */
const LONGEST_HANDSHAKE_MS = 30_000;
/** How long a handshake is waited for. Longer ones are rare: their lines hear it with their next frame. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/** A store whose lines take turns in such a short time has two users, or a till that flaps. */
const YOUNG_MS = 30 * 60_000;
const HOUR_MS = 3_600_000;
const MOST_IN_AN_HOUR = 3;

interface Collaborators {
  gateway: Gateway;
  roster: Pick<Roster, 'draw'>;
}

/** Never fails: what the batch tells managers must not wait for it. */
export async function endReplaced(changes: readonly Change[], collaborators: Collaborators): Promise<void> {
  const replacements = changes.flatMap(change => replacementOf(change) ?? []);
  await Promise.all(replacements.map(replacement => end(replacement, collaborators)));
}

async function end(replacement: Replacement, { gateway, roster }: Collaborators): Promise<void> {
  const { newer, older, storeId } = replacement;
  try {
    await until(() => gateway.isOpen(newer.connectionId));
    const closing = { reason: 'replaced', by: newer.name } as const;
    const mayOpen = newer.connectedAt - older.connectedAt < LONGEST_HANDSHAKE_MS;
    const tell = () => gateway.close(older.connectionId, closing);
    const isTold = mayOpen ? await until(tell) : await tell();
    const isRepeated = await comesAgain(replacement, roster);
    const metrics = { Takeovers: 1, ...(isRepeated ? { RepeatedTakeovers: 1 } : {}) };
    log.info('line taken over', { storeId, isTold, isRepeated }, metrics);
  } catch (error) {
    log.error('the older line could not be closed', error, { storeId });
  }
}

/** Whether this is one of many takeovers of young lines within an hour. Only these are counted, at a write each. */
async function comesAgain(
  { newer, older, storeId }: Replacement,
  roster: Collaborators['roster'],
): Promise<boolean> {
  if (newer.connectedAt - older.connectedAt > YOUNG_MS) return false;
  const hour = Math.floor(newer.connectedAt / HOUR_MS);
  return !(await roster.draw('takeovers', storeId, hour, 1, MOST_IN_AN_HOUR));
}

/** @returns whether it came true before patience ended */
async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (Date.now() >= deadline) return false;
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
  return true;
}
