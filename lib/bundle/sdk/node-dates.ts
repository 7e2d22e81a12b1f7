/** Stands in for the SDK's own reading and writing of dates in the bundles: Node's does the same for what AWS sends. */
const parse = (value: string): Date => valid(new Date(value), value);
const parseEpoch = (seconds: number | string): Date =>
  valid(new Date(Math.round(Number(seconds) * 1000)), seconds);

export const dateToUtcString = (date: Date): string => date.toUTCString();

export {
  parse as _parseRfc3339DateTimeWithOffset,
  parse as _parseRfc7231DateTime,
  parse as parseRfc3339DateTime,
  parse as parseRfc3339DateTimeWithOffset,
  parse as parseRfc7231DateTime,
  parseEpoch as _parseEpochTimestamp,
  parseEpoch as parseEpochTimestamp,
};

function valid(date: Date, value: unknown): Date {
  if (Number.isNaN(date.getTime())) throw new TypeError(`${value} is no date`);
  return date;
}
