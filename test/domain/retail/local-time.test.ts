import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  begunSomewhere,
  instantOf,
  LocalTime,
  overEverywhere,
  TimeZone,
  wallClockAt,
} from '../../../domain/retail/local-time.ts';

const HOUR_MS = 3_600_000;
const YEARS = [2024, 2025, 2026, 2027];
const zones = Intl.supportedValuesOf('timeZone');
const iso = (time: number) => new Date(time).toISOString();

interface Change {
  zone: string;
  at: number;
  /** Its offsets before and after, in milliseconds. */
  before: number;
  after: number;
}

/** Every change of a clock in some years, by the other implementation. */
function changesOf(zone: string): Change[] {
  const changes: Change[] = [];
  let time = Temporal.Instant.from(`${YEARS[0]}-01-01T00:00:00Z`).toZonedDateTimeISO(zone);
  for (;;) {
    const next = time.getTimeZoneTransition('next');
    if (next === null || next.year > (YEARS.at(-1) ?? 0)) return changes;
    const before = next.subtract({ nanoseconds: 1 });
    changes.push({
      zone,
      at: next.epochMilliseconds,
      before: before.offsetNanoseconds / 1e6,
      after: next.offsetNanoseconds / 1e6,
    });
    time = next;
  }
}

const changes = zones.flatMap(changesOf);

/** The moments by the other implementation: of a gap, the change itself; of a double hour, the first and the last. */
function expected(local: string, zone: string): { start: number; end: number } {
  const wall = Temporal.PlainDateTime.from(local);
  const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(zone, { disambiguation: 'later' });
  if (earlier.toPlainDateTime().equals(wall)) {
    return { start: earlier.epochMilliseconds, end: later.epochMilliseconds };
  }
  const change = earlier.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.NaN;
  return { start: change, end: change };
}

const actual = (local: string, zone: string) => ({
  start: instantOf(local, zone, 'start'),
  end: instantOf(local, zone, 'end'),
});

describe('a local time', () => {
  it('is the same moment as by another implementation around every change of every clock', () => {
    expect(new Set(changes.map(({ zone }) => zone)).size).toBeGreaterThan(100);
    for (const { zone, at, before, after } of changes) {
      for (const wall of [at + before, at + after]) {
        for (const minutes of [-90, -60, -30, -1, 0, 1, 30, 60, 90]) {
          const local = iso(wall + minutes * 60_000).slice(0, 16);
          expect({ zone, local, ...actual(local, zone) }).toEqual({ zone, local, ...expected(local, zone) });
        }
      }
    }
  }, 120_000);

  it('is the same moment as by another implementation in every zone, at any time', () => {
    const times = fc.date({ min: new Date('1990-01-01'), max: new Date('2037-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, time) => {
        const local = time.toISOString().slice(0, -1);
        expect(actual(local, zone)).toEqual(expected(local, zone));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a missing hour, begun with the change', '2026-03-29T02:30', 'Europe/Berlin', '01:00', '01:00'],
    ['a double hour, over after its second pass', '2026-10-25T02:30', 'Europe/Berlin', '00:30', '01:30'],
    ['half an hour that comes twice', '2026-04-05T01:45', 'Australia/Lord_Howe', '14:45', '15:15'],
  ])('of %s', (_title, local, zone, start, end) => {
    const { start: begun, end: over } = actual(local, zone);
    expect([iso(begun).slice(11, 16), iso(over).slice(11, 16)]).toEqual([start, end]);
  });

  // Samoa crossed the date line: Friday 30 December 2011 was on no clock there.
  it('of a day that a country left out is the moment at which it did', () => {
    const change = Date.parse('2011-12-30T10:00:00Z');
    expect(actual('2011-12-30T12:00', 'Pacific/Apia')).toEqual({ start: change, end: change });
    expect(iso(instantOf('2011-12-31T00:00', 'Pacific/Apia', 'start'))).toBe(iso(change));
    expect(iso(instantOf('2011-12-29T23:00', 'Pacific/Apia', 'end'))).toBe('2011-12-30T09:00:00.000Z');
  });

  it('holds while the wall clock reads a time in it: from its start on, before its end', () => {
    const near = fc
      .tuple(
        fc.constantFrom(...changes),
        fc.integer({ min: -180, max: 180 }),
        fc.integer({ min: -180, max: 180 }),
      )
      .map(([{ zone, at, before }, minutes, later]) => ({
        zone,
        local: iso(at + before + minutes * 60_000).slice(0, 16),
        at: at + later * 60_000,
      }));
    fc.assert(
      fc.property(near, ({ zone, local, at }) => {
        const reads = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime();
        const isBefore = Temporal.PlainDateTime.compare(reads, local) < 0;
        if (at < instantOf(local, zone, 'start')) expect(isBefore).toBe(true);
        if (at >= instantOf(local, zone, 'end')) expect(isBefore).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is over nowhere later than in the last zone on earth, and begins nowhere before the first', () => {
    const locals = ['2026-01-15T12:00', '2026-07-15T12:00', ...changes.map(({ at }) => iso(at).slice(0, 16))];
    const local = fc.constantFrom(...locals);
    fc.assert(
      fc.property(fc.constantFrom(...zones), local, (zone, text) => {
        expect(instantOf(text, zone, 'end')).toBeLessThanOrEqual(overEverywhere(text));
        expect(instantOf(text, zone, 'start')).toBeGreaterThanOrEqual(begunSomewhere(text));
      }),
      { numRuns: 1_000 },
    );
    expect(instantOf('2026-01-15T12:00', 'Etc/GMT+12', 'end')).toBe(overEverywhere('2026-01-15T12:00'));
    expect(instantOf('2026-01-15T12:00', 'Etc/GMT-14', 'start')).toBe(begunSomewhere('2026-01-15T12:00'));
  });

  it.each(['2026-12-01T06:00', '2026-12-01T06:00:30', '2024-02-29T23:59:59.999'])('is %s', text => {
    expect(v.is(LocalTime, text)).toBe(true);
  });

  it.each([
    '2026-12-01',
    '2026-12-01T06:00Z',
    '2026-12-01T06:00+01:00',
    '2026-02-29T06:00',
    '2026-12-01T24:00',
    '6:00',
    7,
  ])('is not %s', text => {
    expect(v.is(LocalTime, text)).toBe(false);
    if (typeof text === 'string') expect(() => instantOf(text, 'UTC', 'start')).toThrow(RangeError);
  });
});

describe('a time zone', () => {
  it('is one of the IANA database', () => {
    for (const zone of [...zones, 'UTC', 'America/New_York', 'Asia/Calcutta'])
      expect([zone, v.is(TimeZone, zone)]).toEqual([zone, true]);
  });

  it.each(['', '+01:00', 'Mars/Olympus', 'local', 'Europe', 1])('is not %j', zone => {
    expect(v.is(TimeZone, zone)).toBe(false);
  });

  it('that nobody knows is refused by name', () => {
    expect(() => instantOf('2026-12-01T06:00', 'Mars/Olympus', 'start')).toThrow(/Mars\/Olympus/);
  });
});

it('a wall clock shows the weekday and the time of day of its zone', () => {
  const times = fc.date({ min: new Date('1960-01-01'), max: new Date('2037-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...zones), times, (zone, time) => {
      const other = Temporal.Instant.fromEpochMilliseconds(time.getTime()).toZonedDateTimeISO(zone);
      const { hour, minute, second, millisecond } = other;
      expect(wallClockAt(time.getTime(), zone)).toEqual({
        weekday: other.dayOfWeek - 1,
        timeOfDay: hour * HOUR_MS + minute * 60_000 + second * 1_000 + millisecond,
      });
    }),
    { numRuns: 300 },
  );
});
