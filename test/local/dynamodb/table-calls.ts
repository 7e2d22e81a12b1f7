/** DynamoDB's JSON protocol, as a table service without an edge in front takes it. */
import type { TableService } from '../../../local/dynamodb/table-service.ts';

export interface TableAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers at any depth
  body: any;
}

export async function callTables(
  tables: TableService,
  operation: string,
  input: object,
): Promise<TableAnswer> {
  const { status, body } = await tables.handle({
    method: 'POST',
    path: '/',
    query: '',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=local',
      'x-amz-date': '20350101T000000Z',
    },
    body: Buffer.from(JSON.stringify(input)),
    sourceIp: '127.0.0.1',
  });
  return { status, body: JSON.parse(body.toString()) };
}
