/** Times of the protocol: ISO 8601 in UTC, milliseconds at most. The clock itself is always an argument. */
import * as v from 'valibot';

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** A date and time with its zone, normalized to UTC with milliseconds; a date that no calendar has is refused. */
export const Timestamp = v.pipe(
  v.string('must be an ISO 8601 date and time'),
  v.check(isDateTime, 'must be an ISO 8601 date and time with a zone, such as 2026-12-01T08:00:00Z'),
  v.transform(text => new Date(text).toISOString()),
);

function isDateTime(text: string): boolean {
  const day = DATE_TIME.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  // Past these years ISO 8601 needs a sign, and times no longer compare as text.
  if (!/^\d{4}-/.test(new Date(text).toISOString())) return false;
  // Date.parse rolls 31 February over into March.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
