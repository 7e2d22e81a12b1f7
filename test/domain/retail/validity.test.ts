import { describe, expect, it } from 'vitest';
import {
  isOver,
  isValidAt,
  periodIn,
  periodOnEarth,
  type Validity,
} from '../../../domain/retail/validity.ts';

const holdsFrom = (validity: Validity, zone: string) => new Date(periodIn(zone, validity).from).toISOString();

describe('a validity', () => {
  it('begins by each store’s own clock', () => {
    const validity = { validFromLocal: '2026-12-01T06:00' };
    expect(
      ['Asia/Tokyo', 'Europe/Berlin', 'America/New_York'].map(zone => holdsFrom(validity, zone)),
    ).toEqual(['2026-11-30T21:00:00.000Z', '2026-12-01T05:00:00.000Z', '2026-12-01T11:00:00.000Z']);
  });

  it('is over on earth with the last zone, and begun with the first', () => {
    const { from, until } = periodOnEarth({
      validFromLocal: '2026-12-01T00:00',
      validUntilLocal: '2026-12-02T00:00',
    });
    expect([new Date(from).toISOString(), new Date(until).toISOString()]).toEqual([
      '2026-11-30T10:00:00.000Z',
      '2026-12-02T12:00:00.000Z',
    ]);
  });

  it('without ends is always', () => {
    expect(periodIn('UTC', { validFrom: null, validUntil: undefined })).toEqual({
      from: Number.NEGATIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
    });
  });

  it.each<[string, Validity]>([
    ['in UTC', { validFrom: '2026-12-01T05:00:00Z', validUntil: '2026-12-05T05:00:00Z' }],
    ['by the store’s clock', { validFromLocal: '2026-12-01T06:00', validUntilLocal: '2026-12-05T06:00' }],
    ['in both forms', { validFromLocal: '2026-12-01T06:00', validUntil: '2026-12-05T05:00:00Z' }],
  ])('%s holds from its first moment to the last before its end', (_title, validity) => {
    const holds = (at: string) => isValidAt(validity, Date.parse(at), 'Europe/Berlin');
    const moments = [
      '2026-11-01T00:00:00Z',
      '2026-12-01T04:59:59.999Z',
      '2026-12-01T05:00:00Z',
      '2026-12-03T00:00:00Z',
      '2026-12-05T04:59:59.999Z',
      '2026-12-05T05:00:00Z',
      '2027-01-01T00:00:00Z',
    ];
    expect(moments.map(holds)).toEqual([false, false, true, true, true, false, false]);
  });
});

describe('an update is over', () => {
  const end = Date.parse('2026-12-01T08:00:00.000Z');

  it.each<[string, string | null, number, boolean]>([
    ['never without an end', null, Number.MAX_SAFE_INTEGER, false],
    ['not a millisecond before its end', '2026-12-01T08:00:00.000Z', end - 1, false],
    ['at its end', '2026-12-01T08:00:00.000Z', end, true],
    ['after its end', '2026-12-01T08:00:00.000Z', end + 1, true],
  ])('%s', (_title, validUntil, now, over) => {
    expect(isOver({ validUntil }, now)).toBe(over);
  });

  it('once a local end has passed in the last time zone on earth', () => {
    const local = { validUntil: null, validUntilLocal: '2026-11-30T20:00' };
    expect([isOver(local, end - 1), isOver(local, end)]).toEqual([false, true]);
  });
});
