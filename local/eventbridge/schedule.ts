/** Rules on a schedule ("Creating a rule that runs on a schedule in Amazon EventBridge"): `rate(VALUE UNIT)` alone. */
import { randomUUID } from 'node:crypto';

const UNITS_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A schedule that AWS refuses, or that the local cloud can't keep. */
export class InvalidScheduleError extends Error {
  override readonly name = 'InvalidScheduleError';
}

/**
 * How often a rule fires, in milliseconds.
 *
 * @throws InvalidScheduleError; AWS takes one minute, and two minutes, but not one minutes
 */
export function parseSchedule(expression: string): number {
  if (/^cron\(.*\)$/.test(expression)) {
    throw new InvalidScheduleError(`the local cloud has rate(…) schedules only, not ${expression}`);
  }
  const [, digits = '', unit = '', plural] =
    /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const periodMs = Number(digits) * (UNITS_MS[unit] ?? 0);
  if (periodMs > 0 && (digits === '1') === (plural === '')) return periodMs;
  throw new InvalidScheduleError(`Parameter ScheduleExpression is not valid: ${expression}`);
}

/** What a target is given each time ("Events from AWS services", Scheduled Event). */
export function scheduledEvent(
  ruleArn: string,
  now: number,
  place: { account: string; region: string },
): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    ...place,
    time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    resources: [ruleArn],
    detail: {},
  };
}
