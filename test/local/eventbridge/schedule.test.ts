import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClock } from '../../../local/cloud-clock.ts';
import { EventBuses, type RuleDefinition } from '../../../local/eventbridge/event-bus.ts';
import { parseSchedule } from '../../../local/eventbridge/schedule.ts';

const MINUTE = 60_000;
const rule: RuleDefinition = {
  arn: 'arn:aws:events:us-east-1:000000000000:rule/Clock',
  busName: 'default',
  enabled: true,
  schedule: 'rate(5 minutes)',
  targets: [{ arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' }],
};

interface Delivered extends Record<string, unknown> {
  time: string;
}

function startBuses(rules: RuleDefinition[]) {
  const database = new DatabaseSync(':memory:');
  const clock = createClock();
  const delivered: Delivered[] = [];
  const buses = new EventBuses([], rules, {
    database,
    clock,
    account: '000000000000',
    region: 'us-east-1',
    async deliver(_rule, _target, event) {
      delivered.push(event as Delivered);
    },
    sendToDeadLetterQueue: () => Promise.resolve(),
  });
  buses.start();
  onTestFinished(async () => {
    await buses.stop();
    database.close();
  });
  return { buses, clock, delivered };
}

test('a rule on a schedule hands its target a scheduled event, one a period', async () => {
  const { clock, delivered } = startBuses([rule]);
  clock.advance(5 * MINUTE - 1_000);
  expect(delivered).toEqual([]);
  for (const count of [1, 2, 3]) {
    clock.advance(count === 1 ? 1_000 : 5 * MINUTE);
    await vi.waitUntil(() => delivered.length === count);
    expect(delivered.at(-1)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: [rule.arn],
      detail: {},
    });
    expect(Math.abs(Date.parse(delivered.at(-1)?.time ?? '') - clock.now())).toBeLessThan(MINUTE);
  }
});

test('neither a disabled rule nor a stopped bus hands on anything, and no event matches a schedule', async () => {
  const { buses, clock, delivered } = startBuses([{ ...rule, enabled: false }]);
  const other = startBuses([rule]);
  await other.buses.stop();
  buses.putEvents([{ Source: 'a', DetailType: 'Scheduled Event', Detail: '{}' }]);
  other.buses.putEvents([{ Source: 'a', DetailType: 'Scheduled Event', Detail: '{}' }]);
  clock.advance(60 * MINUTE);
  other.clock.advance(60 * MINUTE);
  await new Promise(resolve => setImmediate(resolve));
  expect([...delivered, ...other.delivered]).toEqual([]);
});

test.each([
  ['rate(1 minute)', MINUTE],
  ['rate(5 minutes)', 5 * MINUTE],
  ['rate(1 hour)', 60 * MINUTE],
  ['rate(2 days)', 2 * 1_440 * MINUTE],
])('%s is %i ms', (expression, periodMs) => {
  expect(parseSchedule(expression)).toBe(periodMs);
});

test.each([
  ...['rate(1 minutes)', 'rate(5 minute)', 'rate(0 minutes)', 'rate(-1 hours)', 'rate(1.5 hours)'],
  ...[
    'rate(5 seconds)',
    'rate(5)',
    'rate(5 minutes',
    '5 minutes',
    '',
    'rate(5  minutes)',
    'cron(0 10 * * ? *)',
  ],
])('%j is refused with its name', expression => {
  expect(() => parseSchedule(expression)).toThrow(expression);
});
