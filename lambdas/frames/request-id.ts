/** The `requestId` of a frame that is refused unread, so that its store can tell which it was. */
import type { RequestId } from '../../domain/protocol/frame-error.ts';

/** @returns undefined where there is none that could be echoed */
export function requestIdOf(text: string): RequestId {
  try {
    const { requestId } = (JSON.parse(text) ?? {}) as { requestId?: unknown };
    if (typeof requestId === 'number' && Number.isFinite(requestId)) return requestId;
    return typeof requestId === 'string' && requestId.length <= 128 ? requestId : undefined;
  } catch {
    return undefined;
  }
}
