/** In a time zone that has summer time: the day before is the one of the clock, not 24 hours ago. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lastHour, startOfYesterday, today } from '../../../page/model/figures.ts';
import { SalesLedger } from '../../../page/model/sales-ledger.ts';
import { dayPoints, minutePoints, twoWeeks } from '../../../page/model/watched/chart-points.ts';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

function ledgerOf(sold: Record<string, number>): SalesLedger {
  const ledger = new SalesLedger();
  ledger.takeMinutes(
    Object.entries(sold).map(([minute, count]) => ({ minute, count, amount: count * 100, currency: 'EUR' })),
  );
  return ledger;
}

it('compares today, full minutes alone, with yesterday up to the same minute', () => {
  const ledger = ledgerOf({
    '2026-12-01T11:00Z': 3, // yesterday at noon
    '2026-12-01T11:30Z': 50, // later than it is today
    '2026-12-01T23:10Z': 4, // ten past midnight
    '2026-12-02T11:29Z': 5,
    '2026-12-02T11:30Z': 7, // runs
  });
  const figures = today(ledger, 'EUR', Date.parse('2026-12-02T11:30:40Z'));
  expect(figures.total.count).toBe(16);
  expect(figures.full.count).toBe(9);
  expect(figures.before.count).toBe(3);
  expect(new Date(figures.beforeTo).toISOString()).toBe('2026-12-01T11:30:00.000Z');
});

it('means the time on the clock where the day had 25 hours', () => {
  // In that night clocks went back: noon was 25 hours after the noon before.
  const now = Date.parse('2026-10-25T11:00:00Z');
  expect(new Date(today(new SalesLedger(), 'EUR', now).beforeTo).toISOString()).toBe(
    '2026-10-24T10:00:00.000Z',
  );
  expect(new Date(startOfYesterday(now)).toISOString()).toBe('2026-10-23T22:00:00.000Z');
});

it('compares the last 60 full minutes with the 60 before', () => {
  const ledger = ledgerOf({
    '2026-12-02T09:29Z': 100,
    '2026-12-02T09:30Z': 1,
    '2026-12-02T10:29Z': 2,
    '2026-12-02T10:30Z': 4,
    '2026-12-02T11:29Z': 8,
    '2026-12-02T11:30Z': 16,
  });
  const figures = lastHour(ledger, 'EUR', Date.parse('2026-12-02T11:30:40Z'));
  expect([figures.before.count, figures.full.count, figures.total.count]).toEqual([3, 12, 28]);
});

it('draws 60 full minutes and the one that runs, each with the same minute of the day before', () => {
  const ledger = ledgerOf({ '2026-12-01T11:30Z': 9, '2026-12-02T11:30Z': 2 });
  const now = Date.parse('2026-12-02T11:30:40Z');
  const points = minutePoints(
    'hour',
    'day',
    { ledger, currency: 'EUR', past: undefined },
    { now, knownUntil: now },
  );
  expect(points).toHaveLength(61);
  expect(points.at(-1)).toMatchObject({
    at: Date.parse('2026-12-02T11:30:00Z') / 1000,
    sum: { count: 2 },
    before: { count: 9 },
    isRunning: true,
  });
});

it('leaves open what is to come and what was not heard of, and what is compared with it is still drawn', () => {
  const ledger = ledgerOf({ '2026-12-01T12:20Z': 9, '2026-12-02T11:10Z': 2, '2026-12-02T11:14Z': 3 });
  const now = Date.parse('2026-12-02T11:50:00Z');
  const sales = { ledger, currency: 'EUR', past: undefined };
  const points = minutePoints('day', 'day', sales, { now, knownUntil: now - 30 * 60_000 });
  expect(points).toHaveLength(96);
  const at = (time: string) => points.find(point => point.at === Date.parse(time) / 1000);
  expect(at('2026-12-02T11:00Z')?.sum?.count).toBe(5);
  expect(at('2026-12-02T11:45Z')).toMatchObject({ sum: undefined, isRunning: true });
  expect(at('2026-12-02T12:15Z')).toMatchObject({ sum: undefined, before: { count: 9 } });
});

it('draws seven days beside the seven before', () => {
  const now = Date.parse('2026-12-02T11:50:00Z');
  const days = new Map(twoWeeks(now).map((start, index) => [start, { count: index, amount: index }]));
  const points = dayPoints(days, now);
  expect(points.map(({ sum }) => sum?.count)).toEqual([6, 5, 4, 3, 2, 1, 0]);
  expect(points.map(({ before }) => before?.count)).toEqual([13, 12, 11, 10, 9, 8, 7]);
});
