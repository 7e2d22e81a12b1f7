/** The hours of an offer: times of day on the store's wall clock, such as Mondays from 16:00 to 18:00. */
import * as v from 'valibot';
import type { WallClock } from './local-time.ts';

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const MINUTE_MS = 60_000;

const TimeOfDay = (latest: RegExp, example: string) =>
  v.pipe(v.string('must be a time of day'), v.regex(latest, `must be a time of day, such as ${example}`));

const entries = {
  /** The days on which it begins; left out, every day. */
  days: v.optional(
    v.pipe(
      v.array(v.picklist(DAYS, `must be one of ${DAYS.join(', ')}`), 'must be a list of days'),
      v.minLength(1, 'must name at least one day'),
    ),
  ),
  from: TimeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/, '16:00'),
  /** Not in it; before `from`, it is of the next day. */
  to: TimeOfDay(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, '18:00'),
};
const SAME = 'from and to must differ';

export const StrictOfferHours = v.pipe(
  v.strictObject(entries),
  v.check(hours => hours.from !== hours.to, SAME),
);
export const OfferHours = v.pipe(
  v.object(entries),
  v.check(hours => hours.from !== hours.to, SAME),
);
export type OfferHours = v.InferOutput<typeof OfferHours>;

/** Whether a store's wall clock is in one of these hours. What a clock that is set back reads twice is in it twice. */
export function isWithinHours(hours: readonly OfferHours[], { weekday, timeOfDay }: WallClock): boolean {
  const today = DAYS[weekday];
  const yesterday = DAYS[(weekday + 6) % 7];
  return hours.some(({ days = DAYS, from, to }) => {
    const begins = (day: (typeof DAYS)[number] | undefined) => days.some(one => one === day);
    const [start, end] = [millisecondsOf(from), millisecondsOf(to)];
    if (start < end) return begins(today) && timeOfDay >= start && timeOfDay < end;
    return (begins(today) && timeOfDay >= start) || (begins(yesterday) && timeOfDay < end);
  });
}

function millisecondsOf(time: string): number {
  return (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE_MS;
}
