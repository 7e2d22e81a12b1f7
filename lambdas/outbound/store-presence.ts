/** `StoreConnected` and `StoreDisconnected`: which stores came on the line and went off it. A line that takes over is neither. */
import type { Change } from '../aws/change.ts';
import { type Presence, presenceOf } from '../registry/connection-items.ts';
import type { PutEvent } from './event-parts.ts';

export function presencesOf(changes: readonly Change[]): Presence[] {
  return changes.flatMap(change => {
    const isTakeover = change.before !== undefined && change.after !== undefined;
    return isTakeover ? [] : (presenceOf(change) ?? []);
  });
}

export function presenceEvents(presences: readonly Presence[]): PutEvent[] {
  return presences.map(({ at, isConnected, storeId }) => ({
    type: isConnected ? 'StoreConnected' : 'StoreDisconnected',
    detail: JSON.stringify({ storeId, at: new Date(at).toISOString() }),
  }));
}
