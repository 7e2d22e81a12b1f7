/** Which stores came on the line and which went off it; of a store that did both, the last counts. */
import { chunks } from '../../domain/chunks.ts';
import type { PresenceFrame } from '../../domain/protocol/manager-frames.ts';
import type { Change } from '../aws/change.ts';
import { presenceOf } from '../registry/connection-items.ts';

/** At most some 140 bytes each: a frame holds 32 KB. */
const STORES_PER_FRAME = 200;

export async function presence(changes: readonly Change[]): Promise<PresenceFrame[]> {
  const last = new Map<string, PresenceFrame['items'][number]>();
  for (const change of changes) {
    const found = presenceOf(change);
    if (found === undefined) continue;
    const { at, isConnected, storeId } = found;
    last.set(storeId, { storeId, connected: isConnected, at: new Date(at).toISOString() });
  }
  return chunks([...last.values()], STORES_PER_FRAME).map(items => ({ type: 'presence', items }));
}
