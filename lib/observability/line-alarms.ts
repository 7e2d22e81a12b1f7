/** What rings of the line of the stores: handshakes, frames, and how many are on it. */
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { MetricName } from '../../domain/metrics.ts';
import { type AlarmDefinition, type AlarmDefinitions, PERIOD, sumOf } from './alarms.ts';
import type { OwnMetrics } from './own-metrics.ts';

/** Of fewer connected stores a half says nothing. */
const FEWEST_CONNECTED = 20;

/** Below so many within the period it is a passing fault, which clients make up for by themselves. */
const FEWEST_FAILURES = 10;

/** What stores send and is answered as failed: to Lambda and the gateway such an answer is as good as any other. */
export function frameAlarms(own: OwnMetrics): AlarmDefinitions {
  const failed = (metric: MetricName, what: string): AlarmDefinition => ({
    metric: own.metric(metric, sumOf),
    threshold: FEWEST_FAILURES,
    means: `${what} are answered as failed`,
    pages: true,
  });
  return {
    SalesFailed: failed('SalesFailed', 'Sales'),
    ReceiptsFailed: failed('ReceiptsFailed', 'Receipts'),
    SyncsFailed: failed('SyncsFailed', 'Syncs of stores that were away'),
    MessagesFailed: failed('MessagesFailed', 'Messages of stores'),
    PingsFailed: failed('PingsFailed', 'Heartbeats of stores'),
  };
}

/**
 * Handshakes. The authorizer says 401 by an error, so whoever comes without a token counts among Lambda's `Errors`: those
 * are taken off, and rarely fall into another period than their error.
 */
export function handshakeAlarms(own: OwnMetrics, authorize: LambdaFunction): AlarmDefinitions {
  return {
    HandshakesFailed: {
      metric: own.metric('HandshakesFailed', sumOf),
      threshold: 1,
      means: 'Handshakes were refused that could not be judged',
      pages: true,
    },
    AuthorizeErrors: {
      metric: new cloudwatch.MathExpression({
        // Without FILL there is no figure where there was nobody without a token.
        expression: 'errors - FILL(unauthorized, 0)',
        usingMetrics: {
          errors: authorize.metricErrors(sumOf),
          unauthorized: own.metric('HandshakesUnauthorized', sumOf),
        },
        label: 'Errors of the authorizer but for handshakes without a good token',
        period: PERIOD,
      }),
      threshold: FEWEST_FAILURES,
      means: 'The function Authorize has thrown, timed out or run out of memory',
      pages: true,
    },
    RepeatedTakeovers: {
      metric: own.metric('RepeatedTakeovers', sumOf),
      threshold: 1,
      means: 'The lines of one store keep taking turns: its token may have a second user',
      pages: false,
    },
  };
}

/** "Monitor WebSocket API execution with CloudWatch metrics": by ApiId and Stage, and by route only where paid for. */
export function lineAlarms(stage: WebSocketStage): AlarmDefinitions {
  return {
    LineExecutionErrors: {
      metric: stage.metric('ExecutionError', sumOf),
      threshold: 5,
      means: 'API Gateway could not call the functions behind the line of the stores',
      pages: true,
    },
    LineIntegrationErrors: {
      metric: stage.metric('IntegrationError', sumOf),
      // $connect answers 403 and 409 where two lines of a store race, or one is revoked.
      threshold: 50,
      means: 'The functions behind the line of the stores answered with errors',
      pages: true,
    },
  };
}

/**
 * The most that were connected within a period, against the most of the one before: who is back within minutes was never
 * missed. A fall is one, so it rings for one period, whether the stores come back or not.
 */
export function connectedAlarms(own: OwnMetrics): AlarmDefinitions {
  const before = 'connected - DIFF(connected)';
  return {
    ConnectedFall: {
      metric: new cloudwatch.MathExpression({
        expression: `IF(${before} >= ${FEWEST_CONNECTED}, 100 - 100 * connected / (${before}), 0)`,
        usingMetrics: {
          connected: own.metric('Connected', { statistic: cloudwatch.Stats.MAXIMUM, period: PERIOD }),
        },
        label: 'Connected stores that went off the line, %',
        period: PERIOD,
      }),
      threshold: 50,
      means: 'Half of the connected stores or more went off the line and did not come back at once',
      pages: true,
    },
  };
}
