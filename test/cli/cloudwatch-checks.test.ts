/** What `doctor --deployed` says of CloudWatch: of figures that come, late or never, and of an alarm that tells or doesn't. */
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { checkCloudWatch } from '../../cli/doctor/cloudwatch-checks.ts';
import { patience } from '../patience.ts';

interface Account {
  /** Requests of a metric until it is there. */
  figuresAfter?: number;
  alarm?: string;
  /** What the history says once the alarm rings. */
  told?: string;
  denied?: boolean;
}

/** An account with one alarm; what it is asked and told is taken down. */
function account({ alarm = 'Storecast-GaugeThrottles', denied, figuresAfter = 0, told }: Account) {
  const states: string[] = [];
  const asked: Record<string, number> = {};
  let state = 'INSUFFICIENT_DATA';
  const client = new CloudWatchClient({ region: 'local' });
  client.send = (async (command: unknown) => {
    if (denied) throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    if (command instanceof GetMetricStatisticsCommand) {
      const { Dimensions, MetricName = '' } = command.input;
      expect(Dimensions).toEqual([
        { Name: 'service', Value: 'storecast' },
        { Name: 'stage', Value: 'Storecast' },
      ]);
      asked[MetricName] = (asked[MetricName] ?? 0) + 1;
      return { Datapoints: asked[MetricName] > figuresAfter ? [{ Sum: 1 }] : [] };
    }
    if (command instanceof DescribeAlarmsCommand)
      return { MetricAlarms: command.input.AlarmNames?.[0] === alarm ? [{ StateValue: state }] : [] };
    if (command instanceof SetAlarmStateCommand) {
      state = command.input.StateValue ?? '';
      states.push(state);
      return {};
    }
    if (command instanceof DescribeAlarmHistoryCommand)
      return { AlarmHistoryItems: told === undefined ? [] : [{ HistorySummary: told }] };
    throw new Error('an operation that is not permitted');
  }) as typeof client.send;
  return { client, states };
}

/** @param waits whether what is asked for comes at last */
const check = async (client: CloudWatchClient, waits = false) => {
  const patienceMs = waits ? patience(10_000) : 20;
  const probe = { client, deployment: 'Storecast', since: Date.now(), patienceMs, pauseMs: 1 };
  const [metrics, alarm] = await checkCloudWatch(probe);
  return { metrics, alarm };
};
const TOLD = 'Successfully executed action arn:aws:sns:eu-central-1:1:Alarms';

it('figures that come after a while and an alarm that tells its topic are well; the alarm is as it was', async () => {
  const { client, states } = account({ figuresAfter: 2, told: TOLD });
  expect(await check(client, true)).toMatchObject({
    metrics: { status: 'ok', detail: expect.stringContaining('Posts and SalesAccepted') },
    alarm: { status: 'ok', detail: `Storecast-GaugeThrottles rang: ${TOLD}` },
  });
  expect(states).toEqual(['ALARM', 'INSUFFICIENT_DATA']);
});

it.each<[string, Account, string, string]>([
  ['that tells nobody', {}, 'failed', 'no action of it was taken'],
  ['whose topic refuses', { told: 'Failed to execute action: not authorized' }, 'failed', 'not authorized'],
  ['that is not there', { alarm: 'other' }, 'failed', 'there is no Storecast-GaugeThrottles'],
  ['that may not be looked at', { denied: true }, 'unchecked', 'not looked at (AccessDenied)'],
])('an alarm %s is said to be %s', async (_title, options, status, words) => {
  const { client, states } = account(options);
  expect((await check(client)).alarm).toMatchObject({ status, detail: expect.stringContaining(words) });
  expect(states.at(-1)).not.toBe('ALARM');
});

it('figures that never come are missed by name', async () => {
  const { client } = account({ figuresAfter: Number.POSITIVE_INFINITY, told: TOLD });
  expect((await check(client)).metrics).toMatchObject({
    status: 'failed',
    detail: expect.stringMatching(/^no Posts, SalesAccepted of Storecast after \d+ s$/),
  });
});
