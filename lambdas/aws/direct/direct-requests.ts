/**
 * Sends DynamoDB's requests past the SDK's middlewares, serializer and signer: they take four times as much CPU as what
 * is left, and most of what a frame costs. Callers see no difference: the command, the client's own credentials, clock,
 * sockets and time-outs are the SDK's. What is not answered 200 is handed to the SDK as the outcome of its first attempt:
 * it knows all errors, corrects its clock, and tries again.
 */
import { createHmac, hash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type {
  AwsCredentialIdentity,
  DeserializeMiddleware,
  HttpRequest,
  HttpResponse,
  MetadataBearer,
} from '@smithy/types';
import { clientOf } from '../client-of.ts';
import { addConsumed, consumptionOfWork } from '../consumed-units.ts';
import { SigningKeys, signingTime } from './signing-keys.ts';

/** Where the SDK's own requests go, and in which name. */
interface Destination extends Pick<HttpRequest, 'protocol' | 'hostname' | 'port' | 'path'> {
  host: string;
  userAgent: string | undefined;
  keys: SigningKeys;
  region: string;
}

/** What the answers of all commands have in common. */
type Answer = MetadataBearer & Record<string, unknown>;

/** One that was read to its end. */
type ReadResponse = Pick<HttpResponse, 'headers' | 'statusCode'> & { body: Buffer };
type Outcome = { response: ReadResponse } | { error: unknown };

const SERVICE = 'dynamodb';
const TARGET = 'DynamoDB_20120810';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** It may also match within a text: then looking for bytes is superfluous. */
const BINARY = /"BS?":/;

type Send = DynamoDBClient['send'];
/** What all commands have in common. The schema of an operation is a tuple; its third member is the name. */
interface AnyCommand {
  input: object;
  schema: readonly unknown[];
}

const made = new WeakMap<DynamoDBClient, DirectRequests>();

/**
 * The environment's DynamoDB.
 *
 * @param maxAttempts of each request @default the SDK's own
 */
export function dynamoDb(maxAttempts?: number): { send: Send } {
  return directly(clientOf(DynamoDBClient, maxAttempts));
}

/** A client's own `send`, short from its second request on: the SDK's first one shows where to. */
export function directly(client: DynamoDBClient): { send: Send } {
  const known = made.get(client) ?? new DirectRequests(client);
  made.set(client, known);
  return known as unknown as { send: Send };
}

class DirectRequests {
  readonly #client: DynamoDBClient;
  readonly #config: DynamoDBClient['config'];
  #destination: Destination | undefined;
  /** By the input of the command. */
  readonly #outcomes = new WeakMap<object, Outcome>();

  constructor(client: DynamoDBClient) {
    this.#client = client;
    this.#config = client.config;
    // The last of its step: nothing lies between the SDK's reader and the answer that is handed to it.
    const options = { name: 'firstAttempt', step: 'deserialize', priority: 'low' } as const;
    client.middlewareStack.add(this.#firstAttempt as never, options);
  }

  async send(command: AnyCommand): Promise<Answer> {
    const operation = String(command.schema[2]);
    const consumption = consumptionOfWork();
    if (consumption === undefined) return this.#send(operation, command);
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    const answer = await this.#send(operation, command);
    addConsumed(consumption, operation, answer);
    return answer;
  }

  async #send(operation: string, command: AnyCommand): Promise<Answer> {
    if (this.#destination !== undefined) {
      const outcome = await this.#ask(this.#destination, operation, command.input);
      if ('response' in outcome && outcome.response.statusCode === 200) return outputOf(outcome.response);
      this.#outcomes.set(command.input, outcome);
    }
    return this.#client.send(command as never) as Promise<Answer>;
  }

  /** Inside the SDK's retries. */
  readonly #firstAttempt: DeserializeMiddleware<object, MetadataBearer> = next => async args => {
    this.#destination ??= await this.#destinationOf(args.request as HttpRequest);
    const outcome = this.#outcomes.get(args.input);
    this.#outcomes.delete(args.input);
    if (outcome === undefined) return next(args);
    if ('error' in outcome) throw outcome.error;
    return { response: outcome.response } as Awaited<ReturnType<typeof next>>;
  };

  async #destinationOf(request: HttpRequest): Promise<Destination> {
    const { headers, hostname, path, port, protocol } = request;
    const region = await this.#config.region();
    const host = headers.host ?? hostname;
    const keys = new SigningKeys(region, SERVICE);
    return {
      protocol,
      hostname,
      path,
      ...(port === undefined ? {} : { port }),
      host,
      userAgent: headers['user-agent'],
      keys,
      region,
    };
  }

  async #ask(destination: Destination, operation: string, input: object): Promise<Outcome> {
    const body = JSON.stringify(input, withBase64);
    // Read for each request, as the SDK does: they are renewed.
    const credentials = await this.#config.credentials();
    const now = Date.now() + this.#config.systemClockOffset;
    const headers = signedHeaders(destination, operation, body, credentials, now);
    const request = { ...destination, method: 'POST', query: {}, headers, body };
    try {
      const { response } = await this.#config.requestHandler.handle(request as never, {});
      const { headers, statusCode } = response as HttpResponse;
      return { response: { headers, statusCode, body: await bytesOf(response.body) } };
    } catch (error) {
      return { error };
    }
  }
}

function signedHeaders(
  { host, keys, path, region, userAgent }: Destination,
  operation: string,
  body: string,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentialIdentity,
  now: number,
): Record<string, string> {
  const time = signingTime(now);
  const date = time.slice(0, 8);
  // In the order of the alphabet.
  const signed: [name: string, value: string][] = [
    ['content-type', CONTENT_TYPE],
    ['host', host],
    ['x-amz-date', time],
    ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken] as [string, string]]),
    ['x-amz-target', `${TARGET}.${operation}`],
  ];
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = `POST\n${path}\n\n${lines}\n${names}\n${hash('sha256', body)}`;
  const scope = `${date}/${region}/${SERVICE}/aws4_request`;
  const signature = createHmac('sha256', keys.keyFor(secretAccessKey, date))
    .update(`${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`)
    .digest('hex');
  return {
    ...Object.fromEntries(signed),
    'content-length': String(Buffer.byteLength(body)),
    ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function outputOf({ body, headers, statusCode }: ReadResponse): Answer {
  const text = body.toString();
  const output = BINARY.test(text) ? JSON.parse(text, fromBase64) : JSON.parse(text);
  const requestId = headers['x-amzn-requestid'];
  const ids = requestId === undefined ? {} : { requestId };
  return { ...output, $metadata: { httpStatusCode: statusCode, ...ids, attempts: 1, totalRetryDelay: 0 } };
}

/** By its holder: a Buffer has turned itself into an object of numbers before it is handed over. */
function withBase64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const bytes = this[key];
  if (!(bytes instanceof Uint8Array)) return value;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** An attribute's value is bytes where it is a text under `B`: an attribute of this name holds an object. */
function fromBase64(key: string, value: unknown): unknown {
  const decoded = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  if (key === 'B' && typeof value === 'string') return decoded(value);
  if (key === 'BS' && Array.isArray(value)) return value.map(decoded);
  return value;
}

/** By its events: an async iterator costs as much as the request. */
function bytesOf(body: NodeJS.ReadableStream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.on('end', () => resolve(Buffer.concat(chunks)));
    body.on('error', reject);
  });
}
