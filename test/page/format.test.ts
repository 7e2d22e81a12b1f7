import { afterEach, beforeEach, expect, it } from 'vitest';
import { momentsRead } from '../../page/drafts/times-draft.ts';
import { change, exactTime, moment, percent, time, zoneName } from '../../page/format.ts';

const NOW = Date.parse('2026-12-31T22:30:00Z');
const { TZ } = process.env;
beforeEach(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterEach(() => {
  process.env.TZ = TZ;
});

it('a time has its day where it isn’t today, and its year where it isn’t this one', () => {
  expect(time('2026-12-31T08:00:00Z', NOW)).toMatch(/^09:00/);
  expect(time('2026-12-01T08:00:00Z', NOW)).toMatch(/^Dec 1, 09:00/);
  expect(time('2027-12-31T08:00:00Z', NOW)).toMatch(/^Dec 31, 2027, 09:00/);
  expect(exactTime('2025-12-31T08:00:00Z', NOW)).toMatch(/^Dec 31, 2025, 09:00:00/);
  expect(moment('2026-07-01T08:00:00Z')).toMatch(/Jul 1, 2026, 10:00.*GMT\+2/);
});

it('the zone has the offset of the date that is told', () => {
  expect(zoneName(NOW)).toBe('Europe/Berlin (GMT+1)');
  expect(zoneName(Date.parse('2026-07-01T08:00:00Z'))).toBe('Europe/Berlin (GMT+2)');
});

it('shares are percent in the reader’s locale', () => {
  expect([percent(-0.9), percent(0), change(104.2, 100), change(1, 0)]).toEqual([
    '-90%',
    '0%',
    '+4.2%',
    undefined,
  ]);
});

it.each<[string, string[]]>([
  ['2026-12-01T06:00', ['2026-12-01T05:00:00.000Z']],
  ['2027-03-28T02:30', []],
  ['2027-10-31T02:30', ['2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z']],
])('the clock in Berlin reads %s at %j', (written, moments) => {
  expect(momentsRead(written).map(at => new Date(at).toISOString())).toEqual(moments);
});
