/** From when until when, as a form asks for it. An hour that the clock skips has no moment, and one that it reads twice has two. */
import { DraftError } from './draft-fields.ts';

export type Side = 'validFrom' | 'validUntil';

export interface TimesDraft {
  /** As an input of type `datetime-local` gives it; empty is at once. */
  validFrom: string;
  /** Empty is without end. */
  validUntil: string;
  /** The times are on each store's own clock, not on this device's. */
  isLocal: boolean;
  /** Of a time that this device's clock reads twice: which is meant. */
  passes: Partial<Record<Side, 'first' | 'second'>>;
}

export const AT_ONCE: TimesDraft = { validFrom: '', validUntil: '', isLocal: false, passes: {} };

const DAY_MS = 86_400_000;

/** The moments at which this device's clock reads a time, in milliseconds, the first one first: none, one or two. */
export function momentsRead(written: string): number[] {
  const wall = Date.parse(`${written}Z`);
  if (Number.isNaN(wall)) return [];
  const moments = [offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)]
    .map(offset => wall - offset)
    .filter(moment => moment + offsetAt(moment) === wall);
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** By how many milliseconds this device's clock is ahead of UTC. */
function offsetAt(at: number): number {
  return -new Date(at).getTimezoneOffset() * 60_000;
}

/** The moment that a side of the form means; undefined where it is empty, on the stores' clocks, or not clear. */
export function momentMeant(times: TimesDraft, side: Side): number | undefined {
  if (times[side] === '' || times.isLocal) return undefined;
  const moments = momentsRead(times[side]);
  if (moments.length === 1) return moments[0];
  const pass = times.passes[side];
  return pass === undefined ? undefined : moments[pass === 'first' ? 0 : 1];
}

/** The properties of a validity: on this device's clock, or on each store's. @throws DraftError */
export function timesOf(times: TimesDraft): Record<string, string> {
  return { ...timeOf(times, 'validFrom'), ...timeOf(times, 'validUntil') };
}

function timeOf(times: TimesDraft, side: Side): Record<string, string> {
  const written = times[side];
  if (written === '') return {};
  if (times.isLocal) return { [`${side}Local`]: written };
  const moment = momentMeant(times, side);
  if (moment !== undefined) return { [side]: new Date(moment).toISOString() };
  const day = written.slice(0, 10);
  const message =
    momentsRead(written).length === 0
      ? `No clock here reads ${written.slice(11)} on ${day}: it is set forward over it. Choose another time.`
      : `The clock here reads ${written.slice(11)} twice on ${day}: choose which is meant.`;
  throw new DraftError([{ field: side, message }]);
}
