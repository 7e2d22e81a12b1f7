/**
 * Puts the roster before an action that doesn't write to it: what a revoked store sends counts for nothing, also where
 * its line could not be closed.
 */
import type { Action } from '../../domain/protocol/store-frames.ts';
import { RevokedError, type Roster } from '../registry/roster.ts';
import type { FrameHandler } from './frame-handler.ts';

/** @throws RevokedError in place of the answer */
export function refuseRevoked<A extends Action>(
  roster: Pick<Roster, 'takesTokenOf'>,
  handle: FrameHandler<A>,
): FrameHandler<A> {
  return async (frame, arrival) => {
    const { identity } = arrival.line;
    if (identity.role === 'store' && !(await roster.takesTokenOf(identity)))
      throw new RevokedError(`store ${identity.storeId} is revoked`);
    return handle(frame, arrival);
  };
}
