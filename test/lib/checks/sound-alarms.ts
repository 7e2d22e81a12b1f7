/** What watches the sound template. */
import type { Properties } from '../../../lib/checks/template.ts';
import { arnOf, type EditableTemplate } from './sound-values.ts';

export function alarms(): EditableTemplate['Resources'] {
  const metric = (Namespace: string, MetricName: string, dimensions: Record<string, unknown>) => ({
    Namespace,
    MetricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  });
  const alarm = (properties: Properties) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { AlarmActions: [{ Ref: 'Topic' }], ...properties },
  });
  const ruleName = { 'Fn::Select': [1, { 'Fn::Split': ['|', { Ref: 'Rule' }] }] };
  return {
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    Errors: alarm(metric('AWS/Lambda', 'Errors', { FunctionName: { Ref: 'Function' } })),
    Waiting: alarm({
      AlarmName: 'Shop-prod-Waiting',
      ...metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
        QueueName: { 'Fn::GetAtt': ['DeadLetters', 'QueueName'] },
      }),
    }),
    Lost: alarm(
      metric('AWS/Events', 'FailedInvocations', { EventBusName: { Ref: 'Bus' }, RuleName: ruleName }),
    ),
    Own: alarm(metric('Storecast', 'FanOutLag', { service: 'storecast', stage: 'Shop-prod' })),
    Ratio: alarm({
      Metrics: [
        {
          Id: 'refused',
          MetricStat: {
            Metric: metric('AWS/ApiGateway', 'ClientError', { ApiId: { Ref: 'Api' }, Stage: 'prod' }),
          },
        },
      ],
    }),
  };
}

/** What looks at several alarms and metrics at once. */
export function watchers(): EditableTemplate['Resources'] {
  const parts = [
    ...['(ALARM("', arnOf('Errors'), '") OR ALARM("', arnOf('Lost'), '"))'],
    ' AND NOT (OK("Shop-prod-Waiting") OR FALSE)',
  ];
  const body = [
    ...['{"widgets":[{"type":"alarm","properties":{"alarms":["', arnOf('Page'), '"]}},'],
    ...['{"type":"metric","properties":{"region":"', { Ref: 'AWS::Region' }, '","metrics":['],
    ...['["AWS/Lambda","Errors","FunctionName","', { Ref: 'Function' }, '",{"stat":"Sum","id":"m1"}],'],
    '["Storecast","Posts","service","storecast","stage","Shop-prod"],[{"expression":"m1 * 2"}]]}}]}',
  ];
  return {
    Page: {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      Properties: { AlarmRule: { 'Fn::Join': ['', parts] }, AlarmActions: [{ Ref: 'Topic' }] },
    },
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardBody: { 'Fn::Join': ['', body] } },
    },
  };
}
