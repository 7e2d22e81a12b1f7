/** What the Lambda service is given to run: functions as the template describes them, and its collaborators. */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../cloud-clock.ts';
import type { Faults, Limits } from '../cloud-options.ts';
import type { Usage } from '../usage.ts';

/** One `AWS::Lambda::Function`, with its role's credentials and its asynchronous settings. */
export interface FunctionDefinition {
  arn: string;
  name: string;
  /** File and export, such as `index.handler`. */
  handler: string;
  codeDirectory: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** Whether Lambda itself logs START, END and REPORT, which are of the level INFO. */
  logsInvocations: boolean;
  /** Running and waiting invocations above it are throttled; 0 throttles every one. */
  reservedConcurrency?: number;
  roleArn: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  async: AsyncSettings;
}

/** `AWS::Lambda::EventInvokeConfig` and the function's `DeadLetterConfig`. */
export interface AsyncSettings {
  /** AWS's default is 2. */
  maximumRetryAttempts: number;
  /** AWS's default is 21,600. */
  maximumEventAgeSeconds: number;
  /** ARN of the OnFailure destination. */
  onFailure?: string;
  /** ARN of the DeadLetterConfig's queue. */
  deadLetterTarget?: string;
}

export interface LambdaDependencies {
  clock: Clock;
  limits: Limits;
  faults: Faults;
  /** Holds the asynchronous invocations. */
  database: DatabaseSync;
  /** Where the functions' SDKs find AWS; asked when an environment starts. */
  endpointUrl(): string;
  accountId: string;
  region: string;
  /** Counts invocations. */
  usage?: Usage;
  /** One line of a function's log. */
  log(functionName: string, line: string): void;
  /** Sends a dead letter or a failure record to an SQS queue, by the function's role. */
  sendToDestination(
    functionArn: string,
    targetArn: string,
    body: string,
    attributes: Record<string, string>,
  ): Promise<void>;
}

/** An error as Lambda answers it: thrown by the handler, or by the runtime about it. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type InvokeResult = { payload: unknown } | { functionError: FunctionError } | { throttled: true };

/** Thrown for a function that the template does not define; Lambda's `ResourceNotFoundException`. */
export class FunctionNotFoundError extends Error {
  override readonly name = 'FunctionNotFoundError';
}
