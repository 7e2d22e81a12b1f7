/** What Lambda sends about an asynchronous invocation that it gives up. */
import type { FunctionDefinition, FunctionError } from './function-definition.ts';

export interface FailedInvocation {
  requestId: string;
  /** JSON text. */
  payload: string;
  /** How often the function was run. */
  runs: number;
  condition: 'RetriesExhausted' | 'EventAgeExceeded';
  /** Of the last run; absent if every attempt was throttled. */
  error?: FunctionError;
  now: number;
}

export interface Delivery {
  targetArn: string;
  body: string;
  attributes: Record<string, string>;
}

/** The deliveries that the function's settings ask for: none, the destination's, the dead-letter queue's or both. */
export function failureDeliveries({ arn, async }: FunctionDefinition, failed: FailedInvocation): Delivery[] {
  const deliveries: Delivery[] = [];
  if (async.onFailure)
    deliveries.push({ targetArn: async.onFailure, body: invocationRecord(arn, failed), attributes: {} });
  if (async.deadLetterTarget)
    deliveries.push({
      targetArn: async.deadLetterTarget,
      body: failed.payload,
      attributes: deadLetterAttributes(failed),
    });
  return deliveries;
}

// "Capturing records of Lambda asynchronous invocations", example invocation record.
function invocationRecord(functionArn: string, failed: FailedInvocation): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(failed.now).toISOString(),
    requestContext: {
      requestId: failed.requestId,
      functionArn: `${functionArn}:$LATEST`,
      condition: failed.condition,
      approximateInvokeCount: failed.runs,
    },
    requestPayload: JSON.parse(failed.payload),
    responseContext: failed.error
      ? { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' }
      : null,
    responsePayload: failed.error ?? null,
  });
}

// "Adding a dead-letter queue": the event itself, with three attributes; the message is the first 1 KB.
function deadLetterAttributes({ requestId, error }: FailedInvocation): Record<string, string> {
  return {
    RequestID: requestId,
    ErrorCode: error ? '200' : '429',
    ErrorMessage: Buffer.from(error?.errorMessage ?? 'Rate Exceeded.')
      .subarray(0, 1024)
      .toString(),
  };
}
