import { expect, test } from 'vitest';
import { Activity } from '../../cli/simulation/activity.ts';

const line = JSON.stringify({
  level: 'INFO',
  message: 'broadcast',
  updateId: 'u-1',
  kind: 'price.changed',
  sent: 20,
  gone: 0,
  failed: 0,
  durationMs: 31,
});

function printed(monthlyDollars?: () => number | undefined): string {
  const lines: string[] = [];
  const activity = new Activity(text => lines.push(text), monthlyDollars);
  activity.logged('{"level":"INFO","message":"something else"}');
  activity.logged(line);
  return lines.join('\n');
}

test('a broadcast is told, with what a month costs at the rate of everything so far', () => {
  expect(printed(() => 12.345)).toMatch(
    /^\d\d:\d\d:\d\d price\.changed u-1 → 20 stores posted in 31 ms, all at a rate of \$12\.35 a month$/,
  );
});

test('nothing is said of dollars before there is a bill', () => {
  expect(printed(() => undefined)).toMatch(/posted in 31 ms$/);
});
