/** `client.send` by the short path, held against the SDK's own way where the two must be the same. */
import {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  DeleteConnectionCommand,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGatewayClient } from '../../../../lambdas/gateway/gateway.ts';
import { always, httpAnswer, startGateway } from './scripted-gateway.ts';

const config = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
};
const Data = new TextEncoder().encode('{"price":"1 €"}');

type Config = typeof config | { region: string; credentials: () => Promise<typeof config.credentials> };
const makers = {
  'short path': (endpoint: string, given: Config = config) => createGatewayClient(endpoint, given),
  'SDK alone': (endpoint: string, given: Config = config) =>
    new ApiGatewayManagementApiClient({ ...given, endpoint, maxAttempts: 1 }),
};

function clientOf(way: keyof typeof makers, endpoint: string, given?: Config): ApiGatewayManagementApiClient {
  const client = makers[way](endpoint, given);
  onTestFinished(() => client.destroy());
  return client;
}

const ways = Object.keys(makers) as (keyof typeof makers)[];
/** The SDK alone goes only over plain sockets here: its agent would need the certificate by another way. */
const connections = [
  ['short path', 'http'],
  ['short path', 'https'],
  ['SDK alone', 'http'],
] as const;

describe.each(connections)('by the %s over %s, a post', (way, protocol) => {
  it('brings the very bytes to its connection, and gives the metadata', async () => {
    const gateway = await startGateway(protocol, always(httpAnswer(200, { 'x-amzn-RequestId': 'r-1' })));
    const client = clientOf(way, gateway.endpoint);
    const ConnectionId = 'L0SM9cOFvHcCIhw=';
    const output = await client.send(new PostToConnectionCommand({ ConnectionId, Data }));
    expect(output.$metadata).toMatchObject({ httpStatusCode: 200, requestId: 'r-1', attempts: 1 });
    await client.send(new PostToConnectionCommand({ ConnectionId, Data: 'as text' }));
    expect(gateway.requests.map(seen => seen.connectionId)).toEqual([ConnectionId, ConnectionId]);
    expect(gateway.requests.map(seen => Buffer.from(seen.body, 'latin1').toString())).toEqual([
      '{"price":"1 €"}',
      'as text',
    ]);
    expect(gateway.requests[0]?.text).toMatch(
      /^POST \/prod\/@connections\/L0SM9cOFvHcCIhw%3D HTTP\/1\.1\r\n/,
    );
  });

  it.each([
    [410, 'GoneException', GoneException],
    [429, 'LimitExceededException', LimitExceededException],
    [403, 'ForbiddenException', ForbiddenException],
    [413, 'PayloadTooLargeException', PayloadTooLargeException],
  ] as const)('that is answered %i fails by %s', async (status, name, Exception) => {
    const headers = { 'x-amzn-RequestId': 'r-1', 'x-amzn-ErrorType': `${name}:http://internal/` };
    const gateway = await startGateway(protocol, always(httpAnswer(status, headers, '{"message":"no"}')));
    const client = clientOf(way, gateway.endpoint);
    const error = await client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data })).catch(e => e);
    expect(error).toBeInstanceOf(Exception);
    expect(error).toBeInstanceOf(ApiGatewayManagementApiServiceException);
    expect(error).toMatchObject({ name, $fault: 'client', message: 'no' });
    expect(error.$metadata).toMatchObject({ httpStatusCode: status, requestId: 'r-1' });
  });

  it.each([
    [
      500,
      { 'x-amzn-ErrorType': 'InternalServerErrorException' },
      '{"message":"oops"}',
      'server',
      'InternalServerErrorException',
    ],
    [
      403,
      { 'x-amzn-ErrorType': 'InvalidSignatureException' },
      '{"message":"no"}',
      'client',
      'InvalidSignatureException',
    ],
    [400, {}, '{"__type":"aws#BadRequestException","message":"no"}', 'client', 'BadRequestException'],
  ] as const)(
    'that is answered %i by an error outside the model fails by it',
    async (status, headers, body, $fault, name) => {
      const gateway = await startGateway(protocol, always(httpAnswer(status, headers, body)));
      const client = clientOf(way, gateway.endpoint);
      const error = await client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data })).catch(e => e);
      expect(error).toBeInstanceOf(ApiGatewayManagementApiServiceException);
      expect(error).not.toBeInstanceOf(ForbiddenException);
      expect(error).toMatchObject({ name, $fault, $metadata: { httpStatusCode: status } });
    },
  );

  it('takes the credentials that are valid at its time', async () => {
    const gateway = await startGateway(protocol, always(httpAnswer(200)));
    let renewals = 0;
    const expiration = new Date(Date.now() + 3_600_000);
    const credentials = async () => {
      renewals += 1;
      return { ...config.credentials, accessKeyId: `id-${renewals}`, expiration };
    };
    const client = clientOf(way, gateway.endpoint, { region: 'us-east-1', credentials });
    await client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data }));
    expiration.setTime(Date.now() - 1);
    await client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data }));
    expect(gateway.requests[0]?.text).toContain('Credential=id-1/');
    expect(gateway.requests.at(-1)?.text).not.toContain('Credential=id-1/');
  });
});

describe('a post by the short path', () => {
  it.each([
    [410, GoneException],
    [429, LimitExceededException],
    [403, ForbiddenException],
    [413, PayloadTooLargeException],
  ] as const)(
    'that is answered %i without a name fails by what the model says of it',
    async (status, Exception) => {
      const gateway = await startGateway('http', always(httpAnswer(status, {}, '<html>')));
      const client = clientOf('short path', gateway.endpoint);
      const sent = client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data }));
      await expect(sent).rejects.toThrow(Exception);
    },
  );

  it('is sent by the gateway’s clock once a refusal has told it', async () => {
    const aheadMs = 3_600_000;
    const date = new Date(Date.now() + aheadMs).toUTCString();
    const refusal = httpAnswer(403, { Date: date, 'x-amzn-ErrorType': 'InvalidSignatureException' });
    const gateway = await startGateway('http', ({ text }, socket) => {
      const hour = new Date(Date.now() + aheadMs).toISOString().slice(0, 13).replaceAll('-', '');
      socket.write(text.includes(`x-amz-date: ${hour}`) ? httpAnswer(200) : refusal);
    });
    const client = clientOf('short path', gateway.endpoint);
    const post = () => client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data }));
    await expect(post()).rejects.toThrow();
    await expect(post()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  });
});

describe.each(ways)('by the %s', way => {
  it('a post to nobody is refused before it is sent', async () => {
    const gateway = await startGateway('http', always(httpAnswer(200)));
    const client = clientOf(way, gateway.endpoint);
    await expect(client.send(new PostToConnectionCommand({ ConnectionId: undefined, Data }))).rejects.toThrow(
      'ConnectionId',
    );
    expect(gateway.requests).toEqual([]);
  });

  it('a post that was called off is not waited for', async () => {
    const gateway = await startGateway('http', () => controller.abort());
    const controller = new AbortController();
    const client = clientOf(way, gateway.endpoint);
    const sent = client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data }), {
      abortSignal: controller.signal,
    });
    await expect(sent).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('other commands go to the same gateway', async () => {
    const gateway = await startGateway('http', always(httpAnswer(204)));
    await clientOf(way, gateway.endpoint).send(new DeleteConnectionCommand({ ConnectionId: 'c=' }));
    expect(gateway.requests[0]?.text).toMatch(/^DELETE \/prod\/@connections\/c%3D /);
  });
});
