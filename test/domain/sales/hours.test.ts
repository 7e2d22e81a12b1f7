import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysIn, hourAt, hourOf, hoursIn, type Span, startOf, without } from '../../../domain/sales/hours.ts';

const MINUTE_MS = 60_000;
const minuteAt = (time: number) => `${new Date(time).toISOString().slice(0, 16)}Z`;

const spans = fc
  .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 6_000 }))
  .map(([start, length]): Span => {
    const from = Date.parse('2024-02-27T00:00:00Z') + start * MINUTE_MS;
    return { from: minuteAt(from), to: minuteAt(from + length * MINUTE_MS) };
  });

function minutesOf({ from, to }: Span): string[] {
  const minutes: string[] = [];
  for (let time = Date.parse(from); time < Date.parse(to); time += MINUTE_MS) minutes.push(minuteAt(time));
  return minutes;
}

describe('the whole hours of a span', () => {
  it.each<[string, string, string, string[]]>([
    ['are none where it has none', '2024-03-01T08:01Z', '2024-03-01T09:59Z', []],
    ['leave out what it begins or ends in', '2024-03-01T07:59Z', '2024-03-01T09:01Z', ['2024-03-01T08']],
    ['are those of one hour', '2024-03-01T08:00Z', '2024-03-01T09:00Z', ['2024-03-01T08']],
    ['go over midnight', '2024-02-29T23:00Z', '2024-03-01T01:00Z', ['2024-02-29T23', '2024-03-01T00']],
  ])('%s', (_title, from, to, hours) => {
    expect(hoursIn({ from, to })).toEqual(hours);
  });
});

describe('a span without some of its hours', () => {
  it('is the rest of its minutes, in as few spans as that takes', () => {
    fc.assert(
      fc.property(spans, fc.infiniteStream(fc.boolean()), (span, picks) => {
        const hours = hoursIn(span).filter(() => picks.next().value);
        const rest = without(span, hours);
        expect(rest.flatMap(minutesOf)).toEqual(minutesOf(span).filter(m => !hours.includes(hourOf(m))));
        for (const [index, { from }] of rest.entries())
          if (index > 0) expect(from).not.toBe(rest[index - 1]?.to);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the days of a span', () => {
  it('are its minutes, each day by itself', () => {
    fc.assert(
      fc.property(spans, span => {
        const days = daysIn(span);
        expect(days.flatMap(minutesOf)).toEqual(minutesOf(span));
        const names = days.map(({ from }) => from.slice(0, 10));
        expect(new Set(names).size).toBe(names.length);
        for (const day of days)
          expect(new Set(minutesOf(day).map(minute => minute.slice(0, 10))).size).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('end with the last that compares as text', () => {
    const span = { from: '9999-12-31T22:00Z', to: '9999-12-31T23:59Z' };
    expect(daysIn(span)).toEqual([span]);
  });
});

it('an hour is named by the start of its times', () => {
  const time = Date.parse('2024-03-01T08:59:59.999Z');
  expect([hourAt(time), startOf(hourAt(time))]).toEqual(['2024-03-01T08', '2024-03-01T08:00Z']);
});
