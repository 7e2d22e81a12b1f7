/** What a queue is told of records of a stream that were given up: where they are, not what they say ("Example invocation record"). */
import { randomUUID } from 'node:crypto';
import type { StreamRecord } from './table-stream.ts';

export interface GivenUp {
  functionArn: string;
  streamArn: string;
  condition: 'RetryAttemptsExhausted' | 'EventAgeExceeded';
  invocations: number;
  /** Milliseconds since the epoch. */
  now: number;
}

export function givenUpBatch(records: readonly StreamRecord[], givenUp: GivenUp): object {
  const { condition, functionArn, invocations, now, streamArn } = givenUp;
  const [first, last] = [records[0], records.at(-1)];
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000000000000000000-00000000',
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrivalOf(first),
      approximateArrivalOfLastRecord: arrivalOf(last),
      batchSize: records.length,
      streamArn,
    },
  };
}

function arrivalOf(record: StreamRecord | undefined): string | undefined {
  return record && new Date(record.dynamodb.ApproximateCreationDateTime * 1_000).toISOString();
}
