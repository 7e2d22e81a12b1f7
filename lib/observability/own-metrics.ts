/** The metrics that the functions write into their logs, as alarms and dashboard read them. */
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE, METRIC_SERVICE, type MetricName } from '../../domain/metrics.ts';
import { deploymentName } from '../naming/deployment-name.ts';

export class OwnMetrics {
  readonly #dimensionsMap: Record<string, string>;

  /** @param scope anything of the storecast: HandlerFunction tells its functions the same stage */
  constructor(scope: Construct) {
    this.#dimensionsMap = { service: METRIC_SERVICE, stage: deploymentName(scope) };
  }

  metric(metricName: MetricName, options: MetricOptions): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: this.#dimensionsMap,
      ...options,
    });
  }
}
