/** Whether CloudWatch takes the metrics out of the log lines, and an alarm reaches its topic. */
import type { CloudWatchClient, Dimension, StateValue } from '@aws-sdk/client-cloudwatch';
import { METRIC_NAMESPACE, METRIC_SERVICE, type MetricName } from '../../domain/metrics.ts';
import { reasonOf } from './endpoints.ts';
import { type Finding, failed, ok, unchecked } from './finding.ts';

export interface CloudWatchProbe {
  client: CloudWatchClient;
  /** Metrics and alarms have its name. */
  deployment: string;
  /** When the walk began, in milliseconds since the epoch. */
  since: number;
  /** How long figures may take from a log line to CloudWatch. */
  patienceMs: number;
  pauseMs: number;
}

const METRICS: readonly MetricName[] = ['Posts', 'SalesAccepted'];
/** One that pages nobody. */
const ALARM = 'GaugeThrottles';

export async function checkCloudWatch(probe: CloudWatchProbe): Promise<Finding[]> {
  return [await looked('metrics', () => checkMetrics(probe)), await looked('alarm', () => checkAlarm(probe))];
}

/** Who deploys may not be who may look. */
async function looked(check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const why = error instanceof Error && error.name !== 'Error' ? error.name : reasonOf(error);
    return unchecked(
      check,
      `not looked at (${why})`,
      `docs/operating.md names the permissions; the console shows it`,
    );
  }
}

async function checkMetrics(probe: CloudWatchProbe): Promise<Finding> {
  const missing = new Set(METRICS);
  await until(probe, async () => {
    for (const name of missing) if (await hasArrived(name, probe)) missing.delete(name);
    return missing.size === 0;
  });
  const seconds = Math.round((Date.now() - probe.since) / 1_000);
  if (missing.size === 0)
    return ok('metrics', `${METRICS.join(' and ')} of this walk are there after ${seconds} s`);
  const todo = 'look at them in ten minutes; does Lambda write the lines, and in JSON';
  return failed('metrics', `no ${[...missing].join(', ')} of ${probe.deployment} after ${seconds} s`, todo);
}

async function hasArrived(
  name: MetricName,
  { client, deployment, since }: CloudWatchProbe,
): Promise<boolean> {
  const { GetMetricStatisticsCommand } = await import('@aws-sdk/client-cloudwatch');
  const dimensions: Dimension[] = [
    { Name: 'service', Value: METRIC_SERVICE },
    { Name: 'stage', Value: deployment },
  ];
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: METRIC_NAMESPACE,
      MetricName: name,
      Dimensions: dimensions,
      // Figures are of whole minutes.
      StartTime: new Date(since - (since % 60_000)),
      EndTime: new Date(Date.now() + 60_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.some(({ Sum = 0 }) => Sum > 0);
}

/** Sets it to ALARM, sees that it told its topic, and leaves it as it was. */
async function checkAlarm(probe: CloudWatchProbe): Promise<Finding> {
  const name = `${probe.deployment}-${ALARM}`;
  const before = await stateOf(name, probe);
  if (before === undefined) return failed('alarm', `there is no ${name}`, 'is the stack whole?');
  const startedAt = Date.now();
  try {
    await setState(name, 'ALARM', 'storecast doctor tries whether this alarm reaches its topic', probe);
    let told: string | undefined;
    await until(probe, async () => {
      told = await actionOf(name, startedAt, probe);
      return told !== undefined;
    });
    if (told === undefined)
      return failed('alarm', `${name} rang, and no action of it was taken`, "has it the topic's action?");
    const todo = "the topic's policy: may CloudWatch publish to it?";
    return /^successfully/i.test(told) ? ok('alarm', `${name} rang: ${told}`) : failed('alarm', told, todo);
  } finally {
    await setState(name, before, 'storecast doctor has tried it', probe);
  }
}

async function stateOf(name: string, { client }: CloudWatchProbe): Promise<StateValue | undefined> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return MetricAlarms[0]?.StateValue;
}

async function setState(
  name: string,
  state: StateValue,
  reason: string,
  { client }: CloudWatchProbe,
): Promise<void> {
  const { SetAlarmStateCommand } = await import('@aws-sdk/client-cloudwatch');
  await client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: reason }));
}

/** What became of its action, in CloudWatch's words. */
async function actionOf(
  name: string,
  since: number,
  { client }: CloudWatchProbe,
): Promise<string | undefined> {
  const { DescribeAlarmHistoryCommand } = await import('@aws-sdk/client-cloudwatch');
  const { AlarmHistoryItems = [] } = await client.send(
    new DescribeAlarmHistoryCommand({
      AlarmName: name,
      HistoryItemType: 'Action',
      // Its clock may be behind this machine's.
      StartDate: new Date(since - 60_000),
    }),
  );
  return AlarmHistoryItems[0]?.HistorySummary;
}

async function until(
  { patienceMs, pauseMs }: CloudWatchProbe,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await isTrue()) && Date.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, pauseMs));
}
