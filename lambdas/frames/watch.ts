/** A manager wants to see figures as they come: stores report each second for a while. It may be repeated at any time. */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import type { FrameHandler } from './frame-handler.ts';

const WATCHED_MS = 5 * 60_000;

export function answerWatch(): FrameHandler<'watch'> {
  return async ({ requestId }, { line: { identity }, now }) => {
    if (identity.role === 'store') throw new FrameError('forbidden', 'only a manager watches', requestId);
    return { type: 'watching', requestId, until: new Date(now + WATCHED_MS).toISOString() };
  };
}
