/** Heals the registry before a frame is answered: the entry of this line is there, or a newer line has taken over. */
import type { PersonIdentity } from '../../domain/identity/identity.ts';
import type { Beside } from '../aws/table.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { type Connections, SupersededError } from '../registry/connections.ts';
import type { PlacedStore } from '../registry/placement.ts';
import type { Roster, Standing } from '../registry/roster.ts';
import type { Arrival } from './frame-handler.ts';

export interface LineKeepers {
  connections: Connections;
  gateway: Gateway;
  roster: Roster;
}

/**
 * @param anew writes the entry even if it is there. A broadcast may be about to delete it, because a post during
 * `$connect` was answered 410; the new entry is younger than that broadcast and stays
 * @param stands what the store says of itself
 * @param beside is read after the entry is written, by the request that reads the store
 * @returns who is on the line, a store where the chain has placed it; undefined if a newer line is registered: this one
 * got the `closing` frame and is closed
 * @throws RevokedError for the line of a revoked store
 */
export async function holdTheLine(
  { connections, gateway, roster }: LineKeepers,
  { line, now }: Arrival,
  { anew, beside, stands }: { anew: boolean; beside?: Beside | undefined; stands?: Standing },
): Promise<PlacedStore | PersonIdentity | undefined> {
  try {
    // A moment old does no harm: an entry that was just written is written again, and a line that was just replaced is
    // ended by the stream.
    const entry = anew ? undefined : await connections.registered(line, { isEventual: true });
    const isRegistered = entry?.connectionId === line.connectionId;
    if (!isRegistered) await connections.register(line, now);
    if (line.identity.role !== 'store') return line.identity;
    // After the entry is written: a revocation that finds no entry to close is found here, and so is a placement.
    const store = await roster.heard(line.identity, now, stands, beside);
    const entered = isRegistered ? entry.placementVersion : undefined;
    if (store.placementVersion !== entered) await connections.place(line, store);
    return store;
  } catch (error) {
    if (!(error instanceof SupersededError)) throw error;
    const newer = await connections.registered(line);
    await gateway.close(line.connectionId, { reason: 'replaced', by: newer?.name });
    return undefined;
  }
}
