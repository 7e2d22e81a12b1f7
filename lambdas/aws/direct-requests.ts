/**
 * Sends DynamoDB's requests past the SDK's middlewares, serializer and signer: they take six times as much CPU as what
 * is left, and most of what a frame costs. Callers see no difference: the command, the client's own credentials, clock,
 * sockets and time-outs, and the exception of a failed condition are the SDK's. Whatever is not answered 200 goes through
 * the SDK as if it had not been sent: it knows all errors, corrects its clock, and tries again.
 */
import { createHmac, hash } from 'node:crypto';
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type {
  AwsCredentialIdentity,
  DeserializeMiddleware,
  HttpRequest,
  HttpResponse,
  InitializeMiddleware,
  MetadataBearer,
} from '@smithy/types';
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
type Middleware = InitializeMiddleware<object, MetadataBearer>;

const SERVICE = 'dynamodb';
const TARGET = 'DynamoDB_20120810';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** It may also match within a text: then looking for bytes is superfluous. */
const BINARY = /"BS?":/;

const shortened = new WeakSet<DynamoDBClient>();

/** Makes a client's requests short, from its second one on: the SDK's first one shows where to. */
export function sendDirectly(client: DynamoDBClient): void {
  if (shortened.has(client)) return;
  shortened.add(client);
  const requests = new DirectRequests(client.config);
  // The last of its step: what others there ask for, such as the units that were consumed, is in the input.
  const place = { name: 'directRequest', step: 'initialize', priority: 'low' } as const;
  client.middlewareStack.add(requests.send as never, place);
  client.middlewareStack.add(requests.learn as never, { name: 'learnDestination', step: 'deserialize' });
}

class DirectRequests {
  readonly #config: DynamoDBClient['config'];
  #destination: Destination | undefined;

  constructor(config: DynamoDBClient['config']) {
    this.#config = config;
  }

  readonly learn: DeserializeMiddleware<object, MetadataBearer> = next => async args => {
    this.#destination ??= await this.#destinationOf(args.request as HttpRequest);
    return next(args);
  };

  readonly send: Middleware = (next, context) => async args => {
    const operation = String(context.commandName).replace(/Command$/, '');
    const answer = this.#destination && (await this.#ask(this.#destination, operation, args.input));
    if (answer?.statusCode === 200) return { output: outputOf(answer), response: answer };
    if (answer?.body.includes('ConditionalCheckFailedException')) throw conditionFailed(answer);
    return next(args);
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

  /** @returns undefined where nobody answered */
  async #ask(destination: Destination, operation: string, input: object) {
    const body = JSON.stringify(input, withBase64);
    // Read for each request, as the SDK does: they are renewed.
    const credentials = await this.#config.credentials();
    const now = Date.now() + this.#config.systemClockOffset;
    const headers = signedHeaders(destination, operation, body, credentials, now);
    const request = { ...destination, method: 'POST', query: {}, headers, body };
    try {
      const { response } = await this.#config.requestHandler.handle(request as never, {});
      return { ...(response as HttpResponse), body: await textOf(response.body) };
    } catch {
      return undefined;
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

function outputOf({ body, headers, statusCode }: HttpResponse & { body: string }): Answer {
  const output = BINARY.test(body) ? JSON.parse(body, fromBase64) : JSON.parse(body);
  return { ...output, $metadata: metadataOf(headers, statusCode) };
}

function conditionFailed({ body, headers, statusCode }: HttpResponse & { body: string }): Error {
  const { message = 'The conditional request failed' } = JSON.parse(body);
  return new ConditionalCheckFailedException({ message, $metadata: metadataOf(headers, statusCode) });
}

function metadataOf(headers: HttpResponse['headers'], httpStatusCode: number): MetadataBearer['$metadata'] {
  const requestId = headers['x-amzn-requestid'];
  return {
    httpStatusCode,
    ...(requestId === undefined ? {} : { requestId }),
    attempts: 1,
    totalRetryDelay: 0,
  };
}

/** By its holder: a Buffer has turned itself into an object of numbers before it is handed over. */
function withBase64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const bytes = this[key];
  if (!(bytes instanceof Uint8Array)) return value;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** An attribute's value is bytes where it is a text under `B`: an attribute of this name holds an object. */
function fromBase64(key: string, value: unknown): unknown {
  const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  if (key === 'B' && typeof value === 'string') return bytesOf(value);
  if (key === 'BS' && Array.isArray(value)) return value.map(bytesOf);
  return value;
}

/** By its events: an async iterator costs as much as the request. */
function textOf(body: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.on('end', () => resolve(Buffer.concat(chunks).toString()));
    body.on('error', reject);
  });
}
