/** A manager wants to see figures as they come: stores report each second for a while. It may be repeated at any time. */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import type { Pace } from '../registry/pace.ts';
import type { FrameHandler } from './frame-handler.ts';

export function answerWatch({ pace }: { pace: Pick<Pace, 'watch'> }): FrameHandler<'watch'> {
  return async ({ requestId }, { line: { identity }, now }) => {
    if (identity.role === 'store') throw new FrameError('forbidden', 'only a manager watches', requestId);
    return { type: 'watching', requestId, until: new Date(await pace.watch(now)).toISOString() };
  };
}
