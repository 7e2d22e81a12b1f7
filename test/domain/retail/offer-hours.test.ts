import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { wallClockAt } from '../../../domain/retail/local-time.ts';
import { isWithinHours, type OfferHours, StrictOfferHours } from '../../../domain/retail/offer-hours.ts';

const happyHour: OfferHours = { days: ['MO', 'TU'], from: '16:00', to: '18:00' };
const night: OfferHours = { days: ['FR'], from: '22:00', to: '02:00' };

describe('hours', () => {
  it.each<[string, OfferHours, string, string, boolean]>([
    ['hold from their first minute', happyHour, '2026-11-30T15:00:00Z', 'Europe/Berlin', true],
    ['do not hold before it', happyHour, '2026-11-30T14:59:59.999Z', 'Europe/Berlin', false],
    ['are over with their last', happyHour, '2026-11-30T17:00:00Z', 'Europe/Berlin', false],
    ['hold to their last millisecond', happyHour, '2026-11-30T16:59:59.999Z', 'Europe/Berlin', true],
    ['are of the store, not of UTC', happyHour, '2026-11-30T16:30:00Z', 'America/New_York', false],
    ['follow the store to another zone', happyHour, '2026-11-30T21:30:00Z', 'America/New_York', true],
    ['do not hold on other days', happyHour, '2026-12-02T15:30:00Z', 'Europe/Berlin', false],
    ['go past midnight', night, '2026-12-05T00:59:00Z', 'Europe/Berlin', true],
    ['of one day end on the next', night, '2026-12-05T01:00:00Z', 'Europe/Berlin', false],
    ['begin on their own day only', night, '2026-12-05T22:30:00Z', 'Europe/Berlin', false],
    ['do not go into the morning of their own day', night, '2026-12-04T00:30:00Z', 'Europe/Berlin', false],
    [
      'without days are of every day',
      { from: '16:00', to: '24:00' },
      '2026-12-02T22:59:00Z',
      'Europe/Berlin',
      true,
    ],
    ['to midnight end there', { from: '16:00', to: '00:00' }, '2026-12-02T23:00:00Z', 'Europe/Berlin', false],
    // The clock is set back from 03:00 to 02:00 at 01:00 UTC.
    [
      'come twice with a double hour',
      { from: '02:15', to: '02:30' },
      '2026-10-25T01:20:00Z',
      'Europe/Berlin',
      true,
    ],
    [
      'do not hold between its passes',
      { from: '02:15', to: '02:30' },
      '2026-10-25T00:40:00Z',
      'Europe/Berlin',
      false,
    ],
  ])('%s', (_title, hours, at, zone, holds) => {
    expect(isWithinHours([hours], wallClockAt(Date.parse(at), zone))).toBe(holds);
  });

  it('hold where one of several does', () => {
    expect(
      isWithinHours([night, happyHour], wallClockAt(Date.parse('2026-11-30T15:00:00Z'), 'Europe/Berlin')),
    ).toBe(true);
    expect(isWithinHours([], wallClockAt(Date.parse('2026-11-30T15:00:00Z'), 'Europe/Berlin'))).toBe(false);
  });

  it.each([
    [{ ...happyHour, days: [] }],
    [{ ...happyHour, days: ['Monday'] }],
    [{ ...happyHour, from: '24:00' }],
    [{ ...happyHour, from: '4 pm' }],
    [{ ...happyHour, to: '24:30' }],
    [{ ...happyHour, to: '16:00' }],
    [{ ...happyHour, zone: 'UTC' }],
    [{ from: '16:00' }],
  ])('are not %j', hours => {
    expect(v.is(StrictOfferHours, hours)).toBe(false);
  });
});
