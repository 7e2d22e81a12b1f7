/** What the alarms and the dashboard watch. */
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/** Whether stores feel it at once when the function fails. */
export const isFelt = {
  Authorize: true,
  Connect: true,
  Disconnect: false,
  Default: true,
  Broadcast: true,
  Redeliver: true,
  Live: false,
  Management: false,
  Rollup: false,
  Gauge: false,
  Gather: false,
  Outbound: false,
  Drift: false,
  Rollouts: false,
} as const;
export type FunctionName = keyof typeof isFelt;

/** Functions by the names that their alarms have. */
export interface Observed {
  readonly functions: Readonly<Record<FunctionName, LambdaFunction>>;
  readonly queues: {
    readonly deadLetters: Queue;
    readonly redelivery: Queue;
    readonly redeliveryDeadLetters: Queue;
    readonly outboundDeadLetters: Queue;
  };
  readonly bus: EventBus;
  readonly updates: Rule;
  /** By the names of the functions that they call. */
  readonly schedules: Readonly<Record<'Rollup' | 'Gauge' | 'Gather' | 'Drift' | 'Rollouts', Rule>>;
  readonly line: WebSocketStage;
}
