/**
 * Puts the roster before an action that doesn't write to it: what a revoked store sends counts for nothing, also where
 * its line could not be closed, and what another one sends counts for where the chain has placed it.
 */
import type { Action } from '../../domain/protocol/store-frames.ts';
import type { Roster } from '../registry/roster.ts';
import type { FrameHandler } from './frame-handler.ts';

/** @throws RevokedError in place of the answer */
export function refuseRevoked<A extends Action>(
  roster: Pick<Roster, 'placedStore'>,
  handle: FrameHandler<A>,
): FrameHandler<A> {
  return async (frame, arrival) => {
    const { identity } = arrival.line;
    if (identity.role !== 'store') return handle(frame, arrival);
    const store = await roster.placedStore(identity);
    return handle(frame, { ...arrival, line: { ...arrival.line, identity: store } });
  };
}
