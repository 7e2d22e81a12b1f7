/**
 * What a table on demand answers where a partition key is over its throughput. "Error handling with DynamoDB" has
 * `ThrottlingException` for tables on demand, `ProvisionedThroughputExceededException` for provisioned ones, which the local
 * cloud does not run; "Diagnosing throttling" has the reasons. The sentences are those that AWS's users report.
 */

export interface Throttled {
  table: string;
  /** Undefined where it is the table itself. */
  index?: string | undefined;
  operation: 'Read' | 'Write';
}

const TABLE_MESSAGE =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so ' +
  'please try again shortly. If exceptions persist, check if you have a hot key: ' +
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html';
const INDEX_MESSAGE =
  'Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically scaling ' +
  'your index so please try again shortly.';

/** In the form that dynalite answers errors in. */
export class ThrottlingError extends Error {
  override readonly name = 'ThrottlingError';
  readonly statusCode = 400;
  readonly body: object;

  /** @param tablesArn of all tables, without a name: `arn:aws:dynamodb:us-east-1:000000000000:table/` */
  constructor({ index, operation, table }: Throttled, tablesArn: string) {
    const message = index !== undefined && operation === 'Write' ? INDEX_MESSAGE : TABLE_MESSAGE;
    super(message);
    const reason = `${index === undefined ? 'Table' : 'Index'}${operation}KeyRangeThroughputExceeded`;
    const resource = `${tablesArn}${table}${index === undefined ? '' : `/index/${index}`}`;
    this.body = {
      __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException',
      message,
      throttlingReasons: [{ reason, resource }],
    };
  }
}
