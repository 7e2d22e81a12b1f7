/** Faults of what watches the system. */
import type { Properties } from '../../../lib/checks/template.ts';
import { type Faults, set } from './fault.ts';
import { arnOf } from './sound-values.ts';

const dimensions = (values: Record<string, unknown>) =>
  set({ Dimensions: Object.entries(values).map(([Name, Value]) => ({ Name, Value })) });
const queueUrl = { Ref: 'DeadLetters' };
/** Joined with a reference in the middle. */
const rule = (before: string, after: string) =>
  set({ AlarmRule: { 'Fn::Join': ['', [before, arnOf('Errors'), after]] } });
/** A dashboard of one graph with one row. */
const graph = (...row: unknown[]) =>
  set({ DashboardBody: JSON.stringify({ widgets: [{ type: 'metric', properties: { metrics: [row] } }] }) });

export const alarmFaults: Faults = {
  alarms: [
    ['a metric that there is not', 'Errors', set({ MetricName: 'Error' })],
    ['a namespace that there is not', 'Errors', set({ Namespace: 'AWS/Lambdas' })],
    ['dimensions by which nothing is written', 'Errors', dimensions({ Function: 'f' })],
    ['no dimensions', 'Errors', set({ Dimensions: [] })],
    [
      'a function’s ARN for its name',
      'Errors',
      dimensions({ FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
    ],
    ['a queue’s URL for its name', 'Waiting', dimensions({ QueueName: queueUrl })],
    [
      'a rule’s Ref, which is BUS|RULE',
      'Lost',
      dimensions({ EventBusName: { Ref: 'Bus' }, RuleName: { Ref: 'Rule' } }),
    ],
    [
      'a rule of another bus without it',
      'Lost',
      dimensions({ RuleName: { 'Fn::Select': [1, { 'Fn::Split': ['|', { Ref: 'Rule' }] }] } }),
    ],
    [
      'a wrong metric within an expression',
      'Ratio',
      properties => void Object.assign(properties.Metrics[0].MetricStat.Metric, { MetricName: '4XXError' }),
    ],
    ['a metric of our own that nobody writes', 'Own', set({ MetricName: 'FanOutDelay' })],
    ['a stage that no function is told', 'Own', dimensions({ service: 'storecast', stage: 'Shop-dev' })],
    ['a service that no function writes as', 'Own', dimensions({ service: 'till', stage: 'Shop-prod' })],
    ['a composite alarm with an open bracket', 'Page', rule('(ALARM("', '")')],
    [
      'a composite alarm with two alarms and nothing between',
      'Page',
      rule('ALARM("', '") ALARM("Shop-prod-Waiting")'),
    ],
    ['a composite alarm with another word', 'Page', rule('ALARM("', '") XOR TRUE')],
    ['a composite alarm of a state that there is not', 'Page', rule('RINGING("', '")')],
    ['a composite alarm of nothing', 'Page', set({ AlarmRule: '' })],
    ['a composite alarm of an alarm that there is not', 'Page', rule('ALARM("', '") OR ALARM("Waiting")')],
    [
      'a composite alarm of a queue',
      'Page',
      set({ AlarmRule: { 'Fn::Join': ['', ['ALARM("', arnOf('Queue'), '")']] } }),
    ],
    [
      'a composite alarm of more than a hundred',
      'Page',
      set({ AlarmRule: Array(101).fill('ALARM("Shop-prod-Waiting")').join(' OR ') }),
    ],
  ],
  dashboards: [
    ['a body that is no JSON', 'Dashboard', set({ DashboardBody: '{"widgets":[}' })],
    ['a metric that there is not', 'Dashboard', graph('AWS/SQS', 'Waiting', 'QueueName', 'q')],
    [
      'a metric of our own that nobody writes',
      'Dashboard',
      graph('Storecast', 'Post', 'service', 'storecast', 'stage', 'Shop-prod'),
    ],
    [
      'dimensions by which nothing is written',
      'Dashboard',
      graph('AWS/Lambda', 'Errors', 'Function', 'f', { stat: 'Sum' }),
    ],
    ['a namespace that there is not', 'Dashboard', graph('AWS/Lambdas', 'Errors', 'FunctionName', 'f')],
    [
      'a function’s ARN for its name',
      'Dashboard',
      ({ DashboardBody }: Properties) => {
        const parts: unknown[] = DashboardBody['Fn::Join'][1];
        parts.splice(
          parts.findIndex(part => JSON.stringify(part) === '{"Ref":"Function"}'),
          1,
          arnOf('Function'),
        );
      },
    ],
    [
      'an alarm that there is not',
      'Dashboard',
      set({
        DashboardBody: '{"widgets":[{"type":"alarm","properties":{"alarms":["arn:aws:cloudwatch:x"]}}]}',
      }),
    ],
  ],
};
