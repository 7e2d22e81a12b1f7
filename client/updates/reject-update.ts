/**
 * Thrown by the application's `apply`: this store refuses the update for good, and its receipt says why. Anything
 * else that it throws is a passing fault, after which the update is tried again.
 *
 * @example
 * throw new RejectUpdate('unknown SKU 4006381333931');
 */
export class RejectUpdate extends Error {
  override readonly name = 'RejectUpdate';
}

/** By its name: a till may hold the library twice, as two packages see it. */
export function isRejection(error: unknown): error is Error {
  return error instanceof Error && error.name === 'RejectUpdate';
}
