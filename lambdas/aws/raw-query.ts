/**
 * Reads a page of a Query without the SDK's walk over each attribute: items in DynamoDB's JSON have the shape that the
 * SDK returns, except for binary attributes, which are in base64. Signing, retries and errors stay with the SDK, which
 * gets the page without its items.
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './codecs.ts';

export interface Page {
  items: Item[];
  lastKey: Item | undefined;
}

/** An answer as the SDK's HTTP handler returns it. */
interface RawResponse {
  statusCode: number;
  body: AsyncIterable<Uint8Array> | Uint8Array;
}

/** @throws what the SDK throws */
export async function queryPage(client: DynamoDBClient, input: QueryCommandInput): Promise<Page> {
  const command = new QueryCommand(input);
  let items: Item[] = [];
  command.middlewareStack.add(
    next => async args => {
      const result = await next(args);
      const response = result.response as RawResponse;
      // The SDK reads a refusal itself.
      if (response.statusCode !== 200) return result;
      const text = await textOf(response.body);
      const { Items = [], ...rest } = JSON.parse(text);
      items = BINARY.test(text) ? Items.map(withBytes) : Items;
      response.body = Buffer.from(JSON.stringify(rest));
      return result;
    },
    // The innermost middleware of the step: the body is unread.
    { name: 'rawItems', step: 'deserialize', priority: 'low' },
  );
  const { LastEvaluatedKey } = await client.send(command);
  return { items, lastKey: LastEvaluatedKey };
}

/** It may also match within a text: then the walk is superfluous. */
const BINARY = /"BS?":/;

function withBytes(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, decoded(value)]));
}

/** Turns an attribute as DynamoDB writes it into one as the SDK returns it. */
function decoded(value: AttributeValue): AttributeValue {
  const bytes = (base64: unknown) => new Uint8Array(Buffer.from(String(base64), 'base64'));
  if (value.B !== undefined) return { B: bytes(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(bytes) };
  if (value.L !== undefined) return { L: value.L.map(decoded) };
  return value.M === undefined ? value : { M: withBytes(value.M) };
}

async function textOf(body: RawResponse['body']): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
