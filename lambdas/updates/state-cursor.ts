/**
 * How a store gives its place in the current state, between two pages: opaque to it. It stays good for any time: what
 * was read and has been replaced since is further on in the state, or in the log.
 */
import { createHash } from 'node:crypto';

/** How far a store has read one channel. */
export interface StatePlace {
  /** The state up to this position. */
  read: number;
  /** The state reaches at least up to this position: the log lacks something before it. */
  floor: number;
}

/** A cursor that the chain did not give, or that was given to a store of other channels. */
export class StaleCursorError extends Error {
  override readonly name = 'StaleCursorError';
  constructor() {
    super('cursor: is not one of this store; sync from your positions');
  }
}

const RADIX = 36;

/** @param places by channel, all of the store's channels in a fixed order */
export function encodeCursor(places: ReadonlyMap<string, StatePlace>): string {
  const numbers = [...places.values()].map(({ floor, read }) =>
    floor > 1 ? `${read.toString(RADIX)}-${floor.toString(RADIX)}` : read.toString(RADIX),
  );
  return [signOf([...places.keys()]), ...numbers].join('.');
}

/** @throws StaleCursorError */
export function decodeCursor(cursor: string, channels: readonly string[]): Map<string, StatePlace> {
  const [sign, ...numbers] = cursor.split('.');
  if (sign !== signOf(channels) || numbers.length !== channels.length) throw new StaleCursorError();
  return new Map(channels.map((channel, index) => [channel, placeIn(numbers[index] ?? '')]));
}

function placeIn(text: string): StatePlace {
  const [, read = '', floor = '1'] = /^([0-9a-z]{1,11})(?:-([0-9a-z]{1,11}))?$/.exec(text) ?? [];
  const place = { read: Number.parseInt(read, RADIX), floor: Number.parseInt(floor, RADIX) };
  if (!Number.isSafeInteger(place.read) || !Number.isSafeInteger(place.floor)) throw new StaleCursorError();
  return place;
}

/** A store that has moved since has other channels. */
function signOf(channels: readonly string[]): string {
  return createHash('sha256').update(channels.join('\n')).digest('base64url').slice(0, 8);
}
