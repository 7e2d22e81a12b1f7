/** What is no frame, on either side, and how JSON text becomes one. */

/** `requestId` as it comes back in an answer. */
export type RequestId = string | number | undefined;
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_frame'
  | 'unknown_action'
  | 'forbidden'
  | 'rate_limited'
  | 'internal';

/** A frame that can't be taken; becomes an `error` frame on a line that stays open. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: ErrorCode;
  readonly requestId: RequestId;
  constructor(code: ErrorCode, message: string, requestId?: RequestId) {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

/** @throws FrameError if the text is no JSON object */
export function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FrameError('invalid_json', 'the frame is not JSON');
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FrameError('invalid_frame', 'the frame must be a JSON object');
  }
  return value as Record<string, unknown>;
}
