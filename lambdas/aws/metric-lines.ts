/**
 * Metrics as part of a log line, in CloudWatch's Embedded Metric Format: no API call, no permission, and no import of a
 * metrics library at each cold start. CloudWatch takes metrics from a line that is JSON from its first character to its
 * last; Lambda writes a line of stdout so while its log format is text.
 */
import { METRIC_NAMESPACE, METRIC_SERVICE, type MetricName, metricUnits } from '../../domain/metrics.ts';
import { Environment } from '../../domain/names.ts';
import { required } from './environment.ts';

/** Values by metric, at most 100 of each, the format's limit. What is left out was not measured. */
export type Metrics = { readonly [Name in MetricName]?: number | readonly number[] | undefined };

/** The members of a log line that carry the metrics. */
export function embedded(metrics: Metrics, timestamp: number): Record<string, unknown> {
  const measured = Object.entries(metrics).filter(([, value]) => isMeasured(value)) as [MetricName, number][];
  if (measured.length === 0) return {};
  return {
    ...Object.fromEntries(measured),
    service: METRIC_SERVICE,
    stage: required(Environment.stage),
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['service', 'stage']],
          Metrics: measured.map(([Name]) => ({ Name, Unit: metricUnits[Name] })),
        },
      ],
    },
  };
}

function isMeasured(value: Metrics[MetricName]): boolean {
  return typeof value === 'number' || (value !== undefined && value.length > 0);
}
