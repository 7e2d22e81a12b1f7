/**
 * As much of DynamoDB and SQS as a fan-out needs: a shard of so many connections, read by Query in pages of a megabyte, and
 * a queue that counts whom it is given.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from '../processes.ts';

const ITEMS_PER_PAGE = 10_000;
let members = 0;
let owed = 0;

/** Store 0000000 and its followers. */
function page(behind: string): object {
  const first = behind === 'store#' ? 0 : Number(behind.slice('store#'.length)) + 1;
  const end = Math.min(members, first + ITEMS_PER_PAGE);
  const Items = Array.from({ length: end - first }, (_, index) => ({
    m: { S: memberName(first + index) },
    c: { S: `L0SM9c${String(first + index).padStart(9, '0')}=` },
    x: { N: '4102444800' },
  }));
  return {
    Items,
    ...(end < members ? { LastEvaluatedKey: { s: { N: '0' }, m: { S: memberName(end - 1) } } } : {}),
  };
}

function memberName(index: number): string {
  return `store#${String(index).padStart(7, '0')}`;
}

interface Question {
  ExclusiveStartKey?: { m: { S: string } };
  /** The shard, then the members to begin behind and to end with. */
  ExpressionAttributeValues?: Record<string, { S?: string }>;
  Entries?: { MessageBody: string }[];
}

function answerTo(operation: string, question: Question): object {
  if (operation === 'Query') {
    const [, behind] = Object.values(question.ExpressionAttributeValues ?? {});
    return page(question.ExclusiveStartKey?.m.S ?? behind?.S ?? 'store#');
  }
  if (operation !== 'SendMessageBatch') return {};
  for (const { MessageBody } of question.Entries ?? []) owed += JSON.parse(MessageBody).members.length;
  return { Successful: [], Failed: [] };
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(answerTo(operation, JSON.parse(Buffer.concat(chunks).toString()))));
});

answerQuestions(async (question: 'start' | 'owed' | { hold: number }) => {
  if (question === 'owed') return owed;
  if (question !== 'start') {
    [members, owed] = [question.hold, 0];
    return;
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
