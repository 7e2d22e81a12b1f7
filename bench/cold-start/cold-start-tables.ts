/** As much of DynamoDB as one broadcast needs: every write succeeds, nothing is there but the connections. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from '../processes.ts';

const MEMBERS = 10_000;
/** DynamoDB's pages end at a megabyte. */
const page = JSON.stringify({
  Items: Array.from({ length: MEMBERS }, (_, index) => ({
    m: { S: `store#${String(index).padStart(5, '0')}` },
    c: { S: `L0SM9c${String(index).padStart(9, '0')}=` },
    x: { N: '4102444800' },
  })),
});

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { ReturnValues, TableName } = JSON.parse(Buffer.concat(chunks).toString());
  const isConnections =
    TableName === 'connections' && request.headers['x-amz-target'] === 'DynamoDB_20120810.Query';
  // A draw behind the turns of others: there are none.
  if (ReturnValues === 'UPDATED_NEW') {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: 'com.amazonaws.dynamodb#ConditionalCheckFailedException' }));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(isConnections ? page : '{}');
});

answerQuestions(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
