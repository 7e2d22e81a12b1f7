import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Timestamp } from '../../domain/time.ts';

describe('a timestamp', () => {
  it.each<[string, string]>([
    ['2026-12-01T08:00:00Z', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01T08:00:00.123Z', '2026-12-01T08:00:00.123Z'],
    ['2026-12-01T08:00:00.123456789Z', '2026-12-01T08:00:00.123Z'],
    ['2026-12-01T08:00Z', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01T08:00:00+02:00', '2026-12-01T06:00:00.000Z'],
    ['2026-12-01T00:30:00+05:45', '2026-11-30T18:45:00.000Z'],
    ['2026-12-31T20:00:00-05:00', '2027-01-01T01:00:00.000Z'],
    ['2028-02-29T12:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['2026-12-01T24:00:00Z', '2026-12-02T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s becomes %s', (written, normalized) => {
    expect(v.parse(Timestamp, written)).toBe(normalized);
  });

  it.each<unknown>([
    '2026-12-01',
    '2026-12-01T08:00:00',
    '2026-12-01 08:00:00Z',
    '2026-12-01T08:00:00 Z',
    '2026-12-01t08:00:00z',
    '2026-12-01T08Z',
    '2026-12-01T8:00:00Z',
    '2026-12-01T08:00:00+0200',
    '2026-12-01T08:00:00+25:00',
    '2026-12-01T08:00:60Z',
    '2026-12-01T08:60:00Z',
    '2026-12-01T24:00:01Z',
    '2026-13-01T08:00:00Z',
    '2026-00-01T08:00:00Z',
    '2026-04-31T08:00:00Z',
    '2026-02-29T08:00:00Z',
    '26-12-01T08:00:00Z',
    '+002026-12-01T08:00:00Z',
    // Times are compared as text in places, and these would begin with a sign once they are normalized.
    '9999-12-31T23:59:59-00:01',
    '0000-01-01T00:00:00+00:01',
    '+010000-01-01T00:00:00Z',
    '2026-12-01T08:00:00Z\n',
    ' 2026-12-01T08:00:00Z',
    'Tue, 01 Dec 2026 08:00:00 GMT',
    'now',
    '',
    1_764_576_000_000,
    null,
    undefined,
  ])('%j is refused', text => {
    expect(v.is(Timestamp, text)).toBe(false);
  });

  it('names the same moment after it is normalized, whatever its offset', () => {
    const moments = fc.date({
      min: new Date('1971-01-01T00:00:00Z'),
      max: new Date('2999-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    const minutes = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    fc.assert(
      fc.property(moments, minutes, (moment, offset) => {
        const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const clock = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const zone = clock.map(part => String(part).padStart(2, '0')).join(':');
        const written = `${local}${offset < 0 ? '-' : '+'}${zone}`;
        expect(v.parse(Timestamp, written)).toBe(moment.toISOString());
      }),
    );
  });
});
