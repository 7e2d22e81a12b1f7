/** What rings and what it tells: each alarm's metric, dimensions and threshold, the page, the topic, and the runbook. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricUnits } from '../../domain/metrics.ts';
import { Environment } from '../../domain/names.ts';
import { ACCOUNT, resourceAt, resourcesOf, stack } from './template.ts';

type Dimensions = Record<string, string>;
interface Expected {
  metric: string;
  statistic: string;
  dimensions: Dimensions;
  threshold: number;
  pages: boolean;
}

const own = { service: 'storecast', stage: 'Storecast' };
const refOf = (type: string, path: string) => resourceAt(type, path).ref;
const functionRef = (path: string) => ({ FunctionName: refOf('AWS::Lambda::Function', path) });
const line = { ApiId: refOf('AWS::ApiGatewayV2::Api', 'Stores/Api'), Stage: 'prod' };
const bus = refOf('AWS::Events::EventBus', 'Broadcast/Bus');
const rule = refOf('AWS::Events::Rule', 'Broadcast/Rule');

const functions: Record<string, [path: string, pages: boolean]> = {
  Authorize: ['Stores/Authorize', true],
  Connect: ['Stores/Connect', true],
  Disconnect: ['Stores/Disconnect', false],
  Default: ['Stores/Default', true],
  Broadcast: ['Broadcast/Function', true],
  Redeliver: ['Broadcast/Redeliver', true],
  Live: ['Live/Function', false],
  Management: ['Management/Function', false],
  Rollup: ['SalesRollup/Function', false],
  Gauge: ['Gauge/Function', false],
  Gather: ['ReceiptGatherer/Function', false],
  Outbound: ['OutboundFeed/Function', false],
  Drift: ['DriftFinder/Function', false],
  Rollouts: ['Rollouts/Decisions/Function', false],
};

const alarm = (
  metric: string,
  statistic: string,
  dimensions: Dimensions,
  threshold: number,
  pages: boolean,
): Expected => ({ metric, statistic, dimensions, threshold, pages });

const waiting = 'AWS/SQS ApproximateNumberOfMessagesVisible';
const failures = 'AWS/Events FailedInvocations';
const expected: Record<string, Expected> = {
  DeadLetters: alarm(waiting, 'Maximum', queueNamed('Broadcast/DeadLetters'), 1, true),
  RedeliveryDeadLetters: alarm(waiting, 'Maximum', queueNamed('Broadcast/RedeliveryDeadLetters'), 1, true),
  OutboundDeadLetters: alarm(waiting, 'Maximum', queueNamed('OutboundFeed/DeadLetters'), 1, false),
  OutboundAge: alarm(
    'AWS/Lambda IteratorAge',
    'Maximum',
    functionRef('OutboundFeed/Function'),
    900_000,
    false,
  ),
  RedeliveryAge: alarm(
    'AWS/SQS ApproximateAgeOfOldestMessage',
    'Maximum',
    queueNamed('Broadcast/Redelivery'),
    600,
    true,
  ),
  FanOutLag: alarm('Storecast FanOutLag', 'p99', own, 10_000, true),
  LineExecutionErrors: alarm('AWS/ApiGateway ExecutionError', 'Sum', line, 5, true),
  LineIntegrationErrors: alarm('AWS/ApiGateway IntegrationError', 'Sum', line, 50, true),
  HandshakesFailed: alarm('Storecast HandshakesFailed', 'Sum', own, 1, true),
  RepeatedTakeovers: alarm('Storecast RepeatedTakeovers', 'Sum', own, 1, false),
  SalesFailed: alarm('Storecast SalesFailed', 'Sum', own, 10, true),
  ReceiptsFailed: alarm('Storecast ReceiptsFailed', 'Sum', own, 10, true),
  SyncsFailed: alarm('Storecast SyncsFailed', 'Sum', own, 10, true),
  MessagesFailed: alarm('Storecast MessagesFailed', 'Sum', own, 10, true),
  PingsFailed: alarm('Storecast PingsFailed', 'Sum', own, 10, true),
  StoresAdrift: alarm('Storecast StoresAdrift', 'Maximum', own, 1, false),
  StoresOffPrice: alarm('Storecast StoresOffPrice', 'Sum', own, 1, false),
  UpdateRuleLost: alarm(
    'AWS/Events InvocationsFailedToBeSentToDlq',
    'Sum',
    { EventBusName: bus, RuleName: rule.replace(`${bus}|`, '') },
    1,
    true,
  ),
  BroadcastLost: alarm(
    'AWS/Lambda DestinationDeliveryFailures',
    'Sum',
    functionRef('Broadcast/Function'),
    1,
    true,
  ),
  // CloudWatch has the rule's name alone, and Ref BUS|RULE.
  UpdateRuleFailures: alarm(
    failures,
    'Sum',
    { EventBusName: bus, RuleName: rule.replace(`${bus}|`, '') },
    1,
    true,
  ),
  RollupRuleFailures: alarm(failures, 'Sum', scheduleNamed('SalesRollup/Rule'), 1, false),
  GaugeRuleFailures: alarm(failures, 'Sum', scheduleNamed('Gauge/Rule'), 1, false),
  GatherRuleFailures: alarm(failures, 'Sum', scheduleNamed('ReceiptGatherer/Rule'), 1, false),
  DriftRuleFailures: alarm(failures, 'Sum', scheduleNamed('DriftFinder/Rule'), 1, false),
  RolloutsRuleFailures: alarm(failures, 'Sum', scheduleNamed('Rollouts/Decisions/Rule'), 1, false),
  RolloutsHalted: alarm('Storecast RolloutsHalted', 'Sum', own, 1, false),
  ...Object.fromEntries(
    Object.entries(functions).flatMap(([name, [path, pages]]) =>
      // Handshakes without a good token are errors of the authorizer, too: it has an expression, below.
      (name === 'Authorize' ? ['Throttles'] : ['Errors', 'Throttles']).map(metric => [
        `${name}${metric}`,
        alarm(`AWS/Lambda ${metric}`, 'Sum', functionRef(path), 1, pages),
      ]),
    ),
  ),
};
/** An expression each, below; and which of them page. */
const ratios = { FailedRatio: true, GoneRatio: false, ConnectedFall: true, AuthorizeErrors: true };

const found = resourcesOf('AWS::CloudWatch::Alarm').map(resource => ({
  ...resource,
  name: resource.path.replace('Observability/', ''),
}));
const [page, ...otherPages] = resourcesOf('AWS::CloudWatch::CompositeAlarm');
const topic = resourceAt('AWS::SNS::Topic', 'Observability/Alarms');
const named = (name: string) => found.find(one => one.name === name)?.properties ?? {};
const dimensionsOf = ({ Dimensions = [] }: Record<string, { Name: string; Value: string }[]>) =>
  Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));

/** A rule of the default bus. */
function scheduleNamed(path: string): Dimensions {
  return { RuleName: refOf('AWS::Events::Rule', path) };
}

function queueNamed(path: string): Dimensions {
  return { QueueName: stack.attribute(resourceAt('AWS::SQS::Queue', path).logicalId, 'QueueName') };
}

it('there are these alarms and no others', () => {
  const names = [...Object.keys(expected), ...Object.keys(ratios)].sort();
  expect(found.map(({ name }) => name).sort()).toEqual(names);
});

it('every function and every queue that ends an attempt has its alarms', () => {
  const watched = Object.values(functions).map(([path]) => path);
  expect(
    resourcesOf('AWS::Lambda::Function')
      .map(({ path }) => path)
      .sort(),
  ).toEqual(watched.sort());
  const ends = resourcesOf('AWS::SQS::Queue').filter(({ path }) => path.endsWith('DeadLetters'));
  const alarmed = found.map(({ properties }) => dimensionsOf(properties).QueueName);
  for (const { path } of ends) expect(alarmed).toContain(queueNamed(path).QueueName);
});

describe.each(Object.entries(expected))('%s', (name, { dimensions, metric, statistic, threshold }) => {
  it('watches its metric by the dimensions that it is written with', () => {
    const { Namespace, MetricName, Statistic, ExtendedStatistic, Period } = named(name);
    expect([`${Namespace} ${MetricName}`, Statistic ?? ExtendedStatistic, Period]).toEqual([
      metric,
      statistic,
      300,
    ]);
    expect(dimensionsOf(named(name))).toEqual(dimensions);
  });

  it('rings at its threshold, and not for want of data', () => {
    expect(named(name)).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  });
});

it.each([
  ['FailedRatio', 'IF(failed+posts+gone >= 100, 100 * failed / (failed+posts+gone), 0)', 1],
  ['GoneRatio', 'IF(gone+posts+failed >= 100, 100 * gone / (gone+posts+failed), 0)', 10],
])('%s is percent of all that a post was tried for, from a hundred on', (name, expression, threshold) => {
  const { Metrics, Threshold, TreatMissingData } = named(name);
  const [ratio, ...parts] = Metrics;
  expect([ratio.Expression, Threshold, TreatMissingData]).toEqual([expression, threshold, 'notBreaching']);
  expect(parts.map((part: { Id: string }) => part.Id).sort()).toEqual(['failed', 'gone', 'posts']);
  for (const { Id, MetricStat, ReturnData } of parts) {
    expect([
      MetricStat.Metric.MetricName.toLowerCase(),
      MetricStat.Stat,
      MetricStat.Period,
      ReturnData,
    ]).toEqual([Id, 'Sum', 300, false]);
    expect(dimensionsOf(MetricStat.Metric)).toEqual(own);
  }
});

it('a fall is percent of the stores that were connected in the period before, from twenty on', () => {
  const { Metrics, Threshold, TreatMissingData } = named('ConnectedFall');
  const [fall, connected, ...others] = Metrics;
  const before = 'connected - DIFF(connected)';
  expect(fall.Expression).toBe(`IF(${before} >= 20, 100 - 100 * connected / (${before}), 0)`);
  expect([Threshold, TreatMissingData, others]).toEqual([50, 'notBreaching', []]);
  const { Metric, Period, Stat } = connected.MetricStat;
  expect([connected.Id, Metric.MetricName, Stat, Period]).toEqual(['connected', 'Connected', 'Maximum', 300]);
  expect(dimensionsOf(Metric)).toEqual(own);
});

it('the authorizer rings for its faults, and for nobody who comes without a good token', () => {
  const { Metrics, Threshold, TreatMissingData } = named('AuthorizeErrors');
  const [faults, ...parts] = Metrics;
  expect(faults.Expression).toBe('errors - FILL(unauthorized, 0)');
  expect([Threshold, TreatMissingData]).toEqual([10, 'notBreaching']);
  const read = parts.map((part: { Id: string; MetricStat: { Metric: never; Stat: string } }) => {
    const { Metric, Stat } = part.MetricStat;
    return [part.Id, (Metric as { MetricName: string }).MetricName, Stat, dimensionsOf(Metric)];
  });
  expect(read).toEqual([
    ['errors', 'Errors', 'Sum', functionRef('Stores/Authorize')],
    ['unauthorized', 'HandshakesUnauthorized', 'Sum', own],
  ]);
});

it('our own metrics are those that the functions write, under the stage that they are told', () => {
  const ours = found.filter(({ properties }) => properties.Namespace === 'Storecast');
  for (const { properties } of ours) expect(Object.keys(metricUnits)).toContain(properties.MetricName);
  for (const { properties } of resourcesOf('AWS::Lambda::Function')) {
    expect(properties.Environment.Variables[Environment.stage]).toBe(own.stage);
  }
});

describe('who is told', () => {
  const pages = Object.entries({
    ...Object.fromEntries(Object.entries(expected).map(([name, { pages: does }]) => [name, does])),
    ...ratios,
  });

  it('one composite alarm rings for all that pages, and for nothing else', () => {
    expect(otherPages).toEqual([]);
    const rule = String(page?.properties.AlarmRule);
    const wanted = pages.filter(([, does]) => does).map(([name]) => name);
    const inRule = found.filter(({ arn }) => rule.includes(`ALARM("${arn}")`)).map(({ name }) => name);
    expect(inRule.sort()).toEqual(wanted.sort());
    expect(rule).not.toContain(' AND ');
    expect([page?.properties.AlarmActions, page?.properties.OKActions]).toEqual([[topic.ref], [topic.ref]]);
  });

  it('the others tell the topic themselves, so that nothing is told twice', () => {
    for (const [name, does] of pages)
      expect([name, named(name).AlarmActions]).toEqual([name, does ? undefined : [topic.ref]]);
  });

  it('the topic takes messages of this account’s alarms alone, and none in the clear', () => {
    const [policy] = resourcesOf('AWS::SNS::TopicPolicy');
    expect(policy?.properties.Topics).toEqual([topic.ref]);
    expect(policy?.properties.PolicyDocument.Statement).toMatchObject([
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
      },
    ]);
  });

  it('nobody is subscribed unless the deployment names an address', () => {
    expect(resourcesOf('AWS::SNS::Subscription')).toEqual([]);
  });
});

it('the dashboard shows every alarm and every metric of ours', () => {
  const [dashboard] = resourcesOf('AWS::CloudWatch::Dashboard');
  const body = String(dashboard?.properties.DashboardBody);
  for (const { arn } of found) expect(body).toContain(arn);
  for (const name of Object.keys(metricUnits)) expect(body).toContain(`"Storecast","${name}","service"`);
  expect(() => JSON.parse(body)).not.toThrow();
});

describe('the runbook', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operating.md'), 'utf8');
  const [, section = ''] = text.split('\n## When an alarm rings\n');
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter(row => row.startsWith('| `'));
  const entries = rows.map(row => row.split(' | ').map(cell => cell.replace(/^\||\|$/g, '').trim()));
  const alarmsIn = (cell = '') => [...cell.matchAll(/`(\w+)`( ⚡)?/g)];

  it('has an entry for each alarm, and for no other', () => {
    const inRunbook = entries.flatMap(([cell]) => alarmsIn(cell).map(([, name]) => name));
    expect(inRunbook.sort()).toEqual(['Page', ...found.map(({ name }) => name)].sort());
  });

  it('says in each what it means, what to look at and what to do, and which of them page', () => {
    for (const [alarms, ...cells] of entries) {
      expect([alarms, cells.filter(cell => cell.length > 5)]).toEqual([alarms, cells]);
      expect(cells).toHaveLength(3);
      for (const [, name = '', mark] of alarmsIn(alarms)) {
        const does = name === 'Page' || ratios[name as 'GoneRatio'] || expected[name]?.pages === true;
        expect([name, mark !== undefined]).toEqual([name, does]);
      }
    }
  });

  it('is named by every alarm’s message', () => {
    for (const { name, properties } of found)
      expect(properties.AlarmDescription).toMatch(
        new RegExp(`^[ -~]+docs/operating\\.md, "When an alarm rings", ${name}$`),
      );
  });
});
