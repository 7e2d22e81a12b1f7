/**
 * What AWS would bill for. Each service counts what it does at its own edge, in AWS's units and by AWS's rules of rounding;
 * it knows no price.
 */

export type Unit =
  | 'connectionMinute'
  | 'message'
  | 'httpRequest'
  | 'lambdaRequest'
  | 'lambdaGigabyteSecond'
  | 'write'
  | 'read'
  | 'event'
  | 'queueRequest'
  | 'keyRequest'
  | 'logByte'
  | 'storedByte'
  | 'backedUpByte'
  | 'sentByte';

export interface Usage {
  /** @param count 1 unless it is given; it may be a fraction */
  add(unit: Unit, count?: number): void;
  /** From now on so many more a minute, for what is billed by time; a negative number takes it back. */
  addRate(unit: Unit, perMinute: number): void;
}

/** How many blocks a payload is billed as: what is empty is one. */
export function blocks(bytes: number, blockBytes: number): number {
  return Math.max(1, Math.ceil(bytes / blockBytes));
}

/** "Amazon API Gateway pricing": WebSocket messages are metered in increments of 32 KB. */
export const MESSAGE_BLOCK_BYTES = 32 * 1024;

/** "PutLogEvents": an event is its message in UTF-8, and 26 bytes. */
export function logEventBytes(message: string): number {
  return Buffer.byteLength(message) + 26;
}

/** "AWS Lambda pricing": the memory that a function has, for the time it ran, rounded up to the millisecond. */
export function gigabyteSeconds(milliseconds: number, memoryMegabytes: number): number {
  return (Math.ceil(milliseconds) / 1_000) * (memoryMegabytes / 1_024);
}
