/** One page to look at first: how prices go out, how sales come in, and what rings. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { MetricName } from '../../domain/metrics.ts';
import type { Observed } from './observed.ts';
import type { OwnMetrics } from './own-metrics.ts';

export interface DashboardProps {
  readonly name: string;
  readonly own: OwnMetrics;
  readonly observed: Observed;
  readonly alarms: readonly cloudwatch.IAlarm[];
}

const { SUM, MAXIMUM } = cloudwatch.Stats;
const period = Duration.minutes(1);
const percentiles = [50, 99] as const;

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { alarms, name, observed, own }: DashboardProps) {
    super(scope, id);
    const { functions, line, queues } = observed;
    const counts = (...names: MetricName[]) =>
      names.map(metric => own.metric(metric, { statistic: SUM, period, label: metric }));
    const lags = (metric: MetricName) =>
      percentiles.map(percent =>
        own.metric(metric, {
          statistic: cloudwatch.Stats.percentile(percent),
          period,
          label: `${metric} p${percent}`,
        }),
      );
    const perFunction = (metricOf: (handler: LambdaFunction) => cloudwatch.Metric) =>
      Object.entries(functions).map(([label, handler]) => metricOf(handler).with({ label }));
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: name,
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 5 })],
        [
          graph('Prices: milliseconds to the last post', lags('FanOutLag')),
          graph('Posts', counts('Posts', 'Gone', 'Failed', 'Throttled'), counts('RolloutsHalted')),
          graph('Prices: milliseconds to the receipt of a store', lags('AppliedLag')),
        ],
        [
          graph(
            'Sales; stores off price, and adrift',
            counts('SalesAccepted', 'SalesRefused', 'StoresOffPrice', 'StoresAdrift'),
          ),
          graph(
            'Connected stores; lines opened and closed',
            [own.metric('Connected', { statistic: MAXIMUM, period, label: 'Connected' })],
            counts('LinesOpened', 'LinesClosed', 'Takeovers', 'RepeatedTakeovers'),
          ),
          graph(
            'Handshakes refused, frames failed',
            counts('HandshakesUnauthorized', 'HandshakesForbidden', 'HandshakesLimited', 'HandshakesFailed'),
            counts('SalesFailed', 'ReceiptsFailed', 'SyncsFailed', 'MessagesFailed', 'PingsFailed'),
          ),
          graph(
            'The line of the stores',
            ['MessageCount', 'ClientError', 'IntegrationError', 'ExecutionError'].map(metric =>
              line.metric(metric, { statistic: SUM, period }),
            ),
          ),
        ],
        [
          graph(
            'Errors',
            perFunction(handler => handler.metricErrors({ statistic: SUM, period })),
          ),
          graph(
            'Throttles',
            perFunction(handler => handler.metricThrottles({ statistic: SUM, period })),
          ),
          graph(
            'Waiting in queues',
            Object.entries(queues).map(([label, queue]) =>
              queue.metricApproximateNumberOfMessagesVisible({ statistic: MAXIMUM, period, label }),
            ),
          ),
        ],
      ],
    });
  }
}

function graph(
  title: string,
  left: cloudwatch.IMetric[],
  right: cloudwatch.IMetric[] = [],
): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, right, width: 8 });
}
