import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { DeleteMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  parseAuthorization,
  SignatureError,
  type SignedRequest,
  verifySignature,
} from '../../../local/edge/sigv4.ts';
import type { HttpRequest } from '../../../local/http.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret, sessionToken: 'a/token==' };
const connectionId = 'L0SM9cOFvHcCIhw=';

const received: HttpRequest[] = [];
const server = createServer(async (message, response) => {
  received.push(await readRequest(message));
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
let endpoint = '';

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise(resolve => server.close(resolve)));

async function readRequest(message: IncomingMessage): Promise<HttpRequest> {
  const [path = '', query = ''] = (message.url ?? '').split('?');
  return {
    method: message.method ?? '',
    path,
    query,
    headers: message.headers as Record<string, string>,
    body: await buffer(message),
    sourceIp: '127.0.0.1',
  };
}

interface Client {
  destroy(): void;
}

/** Sends with a real SDK client and returns what arrived. */
async function captured<C extends Client>(
  client: C,
  send: (client: C) => Promise<unknown>,
): Promise<HttpRequest> {
  try {
    await send(client);
  } finally {
    client.destroy();
  }
  const request = received.pop();
  if (!request) throw new Error('nothing arrived');
  return request;
}

function options(path = ''): { region: string; endpoint: string; credentials: typeof credentials } {
  return { region: 'us-east-1', endpoint: `${endpoint}${path}`, credentials };
}

function postToConnection(): Promise<HttpRequest> {
  return captured(new ApiGatewayManagementApiClient(options('/prod')), client =>
    client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: '{"type":"price"}' })),
  );
}

const operations: [service: string, send: () => Promise<HttpRequest>][] = [
  ['execute-api', postToConnection],
  [
    'execute-api',
    () =>
      captured(new ApiGatewayManagementApiClient(options('/prod/')), client =>
        client.send(new GetConnectionCommand({ ConnectionId: connectionId })),
      ),
  ],
  [
    'dynamodb',
    () =>
      captured(new DynamoDBClient(options()), client =>
        client.send(new QueryCommand({ TableName: 'Registry', KeyConditionExpression: 'pk = :é' })),
      ),
  ],
  [
    'sqs',
    () =>
      captured(new SQSClient(options()), client =>
        client.send(
          new DeleteMessageCommand({ QueueUrl: `${endpoint}/000000000000/q`, ReceiptHandle: 'a=' }),
        ),
      ),
  ],
  [
    'events',
    () =>
      captured(new EventBridgeClient(options()), client =>
        client.send(new PutEventsCommand({ Entries: [{ Source: 'storecast.prices', Detail: '{}' }] })),
      ),
  ],
  [
    'kms',
    () =>
      captured(new KMSClient(options()), client =>
        client.send(
          new SignCommand({ KeyId: 'k', Message: new Uint8Array(8), SigningAlgorithm: 'ECDSA_SHA_256' }),
        ),
      ),
  ],
];

function parsed(request: HttpRequest): SignedRequest {
  const signed = parseAuthorization(request);
  if (!signed) throw new Error('the request is not signed');
  return signed;
}

function verify(request: HttpRequest, change: { secret?: string; now?: number } = {}): void {
  verifySignature(request, parsed(request), change.secret ?? secret, change.now ?? Date.now());
}

const refused = expect.objectContaining({
  code: 'InvalidSignatureException',
  message: expect.stringMatching(/^The request signature we calculated does not match the signature you/),
});

function withHeaders(request: HttpRequest, headers: Record<string, string>): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

describe('a request of the SDK', () => {
  it.each(operations)('to %s verifies', async (service, send) => {
    const request = await send();
    expect(parsed(request)).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1', service });
    expect(parsed(request).signedHeaders).toContain('x-amz-security-token');
    verify(request);
  });

  it('arrives with the connection id encoded, which is signed encoded twice', async () => {
    const request = await postToConnection();
    expect(request.path).toBe('/prod/@connections/L0SM9cOFvHcCIhw%3D');
  });

  it.each(operations)('to %s is refused with another secret', async (_service, send) => {
    const request = await send();
    expect(() => verify(request, { secret: `${secret}x` })).toThrow(refused);
  });

  it.each<[string, (request: HttpRequest) => HttpRequest]>([
    ['a body', request => ({ ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) })],
    ['no body', request => ({ ...request, body: Buffer.alloc(0) })],
    ['a method', request => ({ ...request, method: 'PUT' })],
    ['a path', request => ({ ...request, path: request.path.replace('L0S', 'L0T') })],
    ['a decoded path', request => ({ ...request, path: decodeURIComponent(request.path) })],
    ['a query', request => ({ ...request, query: 'x-id=Other' })],
    ['a query that cannot be decoded', request => ({ ...request, query: '%zz' })],
    ['a host', request => withHeaders(request, { host: 'elsewhere' })],
    ['a session token', request => withHeaders(request, { 'x-amz-security-token': 'another' })],
    [
      'the stated hash of the body',
      request => withHeaders(request, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    ],
    [
      'the body and its stated hash',
      request => {
        const body = Buffer.from('{"type":"sale"}');
        const digest = createHash('sha256').update(body).digest('hex');
        return { ...withHeaders(request, { 'x-amz-content-sha256': digest }), body };
      },
    ],
    [
      'the time by a second',
      request => {
        const signedAt = `${request.headers['x-amz-date']}`;
        const second = signedAt.slice(13, 15) === '00' ? '01' : '00';
        return withHeaders(request, { 'x-amz-date': `${signedAt.slice(0, 13)}${second}Z` });
      },
    ],
    [
      'a signed header that is missing',
      request => {
        const { 'x-amz-security-token': _token, ...headers } = request.headers;
        return { ...request, headers };
      },
    ],
    ['the region', request => replaceAuthorization(request, '/us-east-1/', '/eu-central-1/')],
    ['the service', request => replaceAuthorization(request, '/execute-api/', '/events/')],
    [
      'the list of signed headers',
      request => replaceAuthorization(request, 'SignedHeaders=', 'SignedHeaders=accept;'),
    ],
    [
      'a signed header that every object has',
      request => replaceAuthorization(request, 'SignedHeaders=', 'SignedHeaders=constructor;'),
    ],
    ['the signature', request => replaceAuthorization(request, 'Signature=', 'Signature=00')],
    ['a signature that is no hex', request => replaceAuthorization(request, 'Signature=', 'Signature=zz')],
  ])('is refused with %s changed', async (_title, change) => {
    const request = withHeaders(await postToConnection(), { accept: '*/*' });
    verify(request);
    expect(() => verify(change(request))).toThrow(refused);
  });

  it('may bring headers that it has not signed', async () => {
    verify(withHeaders(await postToConnection(), { 'user-agent': 'another', 'x-amzn-trace-id': 'Root=1' }));
  });
});

function replaceAuthorization(request: HttpRequest, from: string, to: string): HttpRequest {
  return withHeaders(request, { authorization: `${request.headers.authorization}`.replace(from, to) });
}

describe('the time of a request', () => {
  const noon = Date.UTC(2026, 10, 30, 12);
  const minutes = 60_000;
  const signedAtNoon = (): Promise<HttpRequest> => sign({ path: '/', query: {}, body: '' }, noon);

  it.each([-15, 0, 15])('may be %i minutes away', async away => {
    verify(await signedAtNoon(), { now: noon + away * minutes });
  });

  it.each([
    [
      15 * minutes + 1000,
      'Signature expired: 20261130T120000Z is now earlier than 20261130T120001Z (20261130T121501Z - 15 min.)',
    ],
    [
      -15 * minutes - 1000,
      'Signature not yet current: 20261130T120000Z is still later than 20261130T115959Z (20261130T114459Z + 15 min.)',
    ],
  ])('may not be %i ms away', async (away, message) => {
    const request = await signedAtNoon();
    expect(() => verify(request, { now: noon + away })).toThrow(
      expect.objectContaining({ code: 'InvalidSignatureException', message }),
    );
  });

  it('must be on the day of the credential scope', async () => {
    const request = replaceAuthorization(await signedAtNoon(), '/20261130/', '/20261129/');
    expect(() => verify(request, { now: noon })).toThrow(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261129' != '20261130', from '20261130T120000Z'.",
    );
  });

  it('is taken from the Date header where there is no X-Amz-Date', async () => {
    const { 'x-amz-date': _date, ...headers } = (await signedAtNoon()).headers;
    const request = {
      ...(await signedAtNoon()),
      headers: { ...headers, date: new Date(noon).toUTCString() },
    };
    expect(parsed(request).timestamp).toBe('20261130T120000Z');
  });
});

describe('an Authorization header', () => {
  const good =
    'AWS4-HMAC-SHA256 Credential=AKID/20261130/us-east-1/events/aws4_request, ' +
    'SignedHeaders=host;x-amz-date, Signature=ab12';

  function request(authorization?: string, headers: Record<string, string> = {}): HttpRequest {
    return {
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        host: 'localhost',
        'x-amz-date': '20261130T120000Z',
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      },
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
    };
  }

  it.each([undefined, '', 'Bearer eyJhbGciOiJFUzI1NiJ9', 'Basic bG9jYWw6bG9jYWw='])(
    'that is %j is none of ours',
    authorization => {
      expect(parseAuthorization(request(authorization))).toBeUndefined();
    },
  );

  it.each([good, good.replaceAll(', ', ','), good.replace(', ', ',\t')])('is read: %s', authorization => {
    expect(parseAuthorization(request(authorization))).toEqual({
      accessKeyId: 'AKID',
      date: '20261130',
      region: 'us-east-1',
      service: 'events',
      timestamp: '20261130T120000Z',
      signedHeaders: ['host', 'x-amz-date'],
      signature: 'ab12',
    });
  });

  it.each<[string, string, string]>([
    ['of another algorithm', good.replace('HMAC', 'ECDSA-P256'), "Unsupported AWS 'algorithm'"],
    ['of an algorithm alone', 'AWS4-HMAC-SHA256', "Authorization header requires 'Credential' parameter."],
    ['without Credential', good.replace('Credential', 'X'), "requires 'Credential' parameter."],
    ['without SignedHeaders', good.replace('SignedHeaders', 'X'), "requires 'SignedHeaders' parameter."],
    ['without Signature', good.replace('Signature=', 'X='), "requires 'Signature' parameter."],
    ['with an empty Signature', good.replace('ab12', ''), "requires 'Signature' parameter."],
    [
      'with a space in the key id',
      good.replace('AKID', ' AKID'),
      'Invalid key=value pair (missing equal-sign)',
    ],
    ['with a short scope', good.replace('/events', ''), 'exactly 5 slash-delimited elements'],
    ['with a long scope', good.replace('AKID', 'AK/ID'), 'exactly 5 slash-delimited elements'],
    ['with another terminator', good.replace('aws4_request', 'aws5'), 'a valid terminator'],
    [
      'that does not sign the host',
      good.replace('host;', ''),
      "'Host' or ':authority' must be a 'SignedHeader'",
    ],
  ])('%s is incomplete', (_title, authorization, message) => {
    expect(() => parseAuthorization(request(authorization))).toThrow(
      expect.objectContaining({
        name: 'SignatureError',
        code: 'IncompleteSignatureException',
        message: expect.stringContaining(message),
      }),
    );
  });

  it.each([
    ['2026-11-30T12:00:00Z', "Date must be in ISO-8601 'basic format'"],
    ['20261399T120000Z', "Date must be in ISO-8601 'basic format'"],
  ])('with the date %s is incomplete', (date, message) => {
    expect(() => parseAuthorization(request(good, { 'x-amz-date': date }))).toThrow(message);
  });

  it('without any date is incomplete, and the error keeps the header to itself', () => {
    const { 'x-amz-date': _date, ...headers } = request(good).headers;
    expect(() => parseAuthorization({ ...request(good), headers })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /^Authorization header requires existence of either a 'X-Amz-Date' or/,
        ),
      }),
    );
    expect(() => parseAuthorization({ ...request(good), headers })).not.toThrow('ab12');
  });

  it('fails with an error that callers can tell apart', () => {
    expect(() => parseAuthorization(request('AWS4-HMAC-SHA256'))).toThrow(SignatureError);
  });
});

/** The checksum that the signer wants: a hash or, given a secret, an HMAC. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secretKey?: SourceData) {
    this.#hash = secretKey === undefined ? createHash('sha256') : createHmac('sha256', bytes(secretKey));
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error('the signer takes a new one each time');
  }
}

function bytes(data: SourceData): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

interface Parts {
  path: string;
  query: Record<string, string | string[]>;
  body: string | Uint8Array;
  headers?: Record<string, string>;
}

/** Signs with AWS's own signer, then writes the request down as it would go over the wire. */
async function sign(parts: Parts, now: number, service = 'execute-api'): Promise<HttpRequest> {
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials,
    sha256: Sha256,
    applyChecksum: parts.headers?.['x-checksum'] !== 'no',
    uriEscapePath: service !== 's3',
  });
  const { method, headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: 'localhost',
      ...parts,
      headers: { host: 'localhost', ...parts.headers },
    },
    { signingDate: new Date(now) },
  );
  const query = Object.entries(parts.query).flatMap(([name, values]) =>
    [values].flat().map(value => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  return {
    method,
    path: parts.path,
    query: query.join('&'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(parts.body),
    sourceIp: '127.0.0.1',
  };
}

describe("AWS's own signer agrees", () => {
  const now = Date.UTC(2026, 10, 30, 12);
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const segment = fc.oneof(
    text.map(encodeURIComponent),
    fc.constantFrom('', '.', '..', '@connections', 'a=b', "it's(*)!"),
  );
  const path = fc.array(segment, { maxLength: 6 }).map(segments => `/${segments.join('/')}`);
  const name = text.filter(key => !/^(x-amz-signature|__proto__)$/i.test(key));
  const query = fc.dictionary(name, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })), {
    maxKeys: 5,
  });
  const body = fc.oneof(fc.string(), fc.uint8Array());
  const headers = fc.record({
    'x-checksum': fc.constantFrom('yes', 'no'),
    'x-custom': fc.stringMatching(/^[ -~\t]{0,20}$/),
  });
  const parts = fc.record({ path, query, body, headers });

  it('on every path, query, header and body', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom('execute-api', 's3'), async (request, service) => {
        verify(await sign(request, now, service), { now });
      }),
      { numRuns: 500 },
    );
  });

  it('that another path, query or body needs another signature', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.string({ unit: 'grapheme-ascii', minLength: 1 }), async (request, more) => {
        const signed = await sign(request, now);
        const added = encodeURIComponent(more).replaceAll('.', '-');
        const query = signed.query === '' ? `z=${added}` : `${signed.query}&z=${added}`;
        expect(() => verify({ ...signed, path: `${signed.path}/${added}` }, { now })).toThrow(refused);
        expect(() => verify({ ...signed, query }, { now })).toThrow(refused);
        const body = Buffer.concat([signed.body, Buffer.from(more)]);
        expect(() => verify({ ...signed, body }, { now })).toThrow(refused);
      }),
    );
  });

  it('that the order of the query does not matter, but a name goes before its longer sister', async () => {
    const signed = await sign({ path: '/', query: { 'a-b': '1', a: '2' }, body: '' }, now);
    verify(signed, { now });
    verify({ ...signed, query: 'a=2&a-b=1' }, { now });
  });

  it('that a body may stay unsigned where the signer says so', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const signed = await sign({ path: '/', query: {}, body: 'one', headers }, now);
    verify({ ...signed, body: Buffer.from('another') }, { now });
  });

  it('after more scopes than the key cache holds', async () => {
    for (let index = 0; index < 300; index += 1) {
      const signed = await sign({ path: '/', query: {}, body: '' }, now, `service${index % 299}`);
      verify(signed, { now });
    }
  });
});
