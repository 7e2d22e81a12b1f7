/** What API Gateway bills: messages either way, connections by time, requests. */
import { PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpApi } from '../../../local/apigateway/http/http-service.ts';
import type { InvokeResult } from '../../../local/apigateway/types.ts';
import { createDependencies, type GatewayOptions, startGateway } from '../apigateway/websocket/gateway.ts';
import { CountedUsage, type Counts } from './counted-usage.ts';

const KB = 1_024;
let usage: CountedUsage;
beforeEach(() => {
  usage = new CountedUsage();
});

/** Messages and requests since it was asked last; bytes have a test of their own. */
function counted(): Counts {
  const { sentByte: _, ...others } = usage.taken();
  return others;
}

async function connect(options: GatewayOptions = {}) {
  const gateway = await startGateway({ ...options, usage });
  onTestFinished(() => gateway.close());
  const client = await gateway.connect();
  const { event } = await gateway.invocations('connect').next();
  return { gateway, client, connectionId: event.requestContext.connectionId as string };
}

const answering = (body: string): GatewayOptions => ({
  lambdas: { fallback: () => ({ payload: { statusCode: 200, body } }) },
});

describe('a WebSocket', () => {
  it('counts by time from its opening to its end', async () => {
    const { gateway, client } = await connect();
    expect(usage.rates).toEqual({ connectionMinute: 1 });
    client.socket.close();
    await gateway.invocations('disconnect').next();
    expect([usage.rates, counted()]).toEqual([{ connectionMinute: 0 }, {}]);
  });

  it("counts a message, and its answer, by 32 KB; a ping's frame is free", async () => {
    const { client } = await connect(answering('x'.repeat(33 * KB)));
    client.socket.ping();
    client.socket.send('ü');
    await client.messages.next();
    expect(counted()).toEqual({ message: 1 + 2 });
  });

  it('counts no answer where there is none, and what the gateway says itself', async () => {
    const { gateway, client } = await connect({
      lambdas: { ping: () => ({ functionError: { errorType: 'Error', errorMessage: 'x' } }) },
    });
    client.socket.send('{"action":"quiet"}');
    await gateway.invocations('quiet').next();
    client.socket.send('{"action":"ping"}');
    await client.messages.next();
    expect(counted()).toEqual({ message: 1 + 2 });
  });

  it('counts a post that was taken, and none to a connection that is gone', async () => {
    const { client, connectionId, gateway } = await connect();
    const post = (ConnectionId: string, bytes: number) =>
      gateway.sdk.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.alloc(bytes, 'x') }));
    await post(connectionId, 100);
    await post(connectionId, 100 * KB);
    await client.messages.next();
    expect(counted()).toEqual({ message: 1 + 4 });
    await expect(post('bm90aGVyZQ==', 100)).rejects.toThrow();
    expect(counted()).toEqual({});
  });

  it('counts nothing that is throttled', async () => {
    const { client } = await connect({ limits: { requests: { rate: 0, burst: 1 } } });
    client.socket.send('{}');
    expect(await client.messages.next()).toContain('Too Many Requests');
    // The gateway's own sentence is a message that it sends.
    expect(counted()).toEqual({ message: 1 });
  });
});

describe('what is sent', () => {
  it('is frames with their heads, answers and posts alike', async () => {
    const { client, connectionId, gateway } = await connect(answering('x'.repeat(100)));
    client.socket.send('{}');
    await client.messages.next();
    expect(usage.taken().sentByte).toBe(2 + 100);
    const Data = Buffer.alloc(1_000, 'x');
    await gateway.sdk.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }));
    expect(usage.taken().sentByte).toBe(4 + 1_000);
  });
});

describe('an HTTP API', () => {
  const request = (answer: InvokeResult, bytes = 0, burst = 1) =>
    createHttpApi(
      { apiId: 'a', stageName: '$default', domainName: 'a.b', routes: { $default: { functionArn: 'f' } } },
      createDependencies({ usage, limits: { requests: { rate: 0, burst } } }, async () => answer),
    ).handle({
      method: 'POST',
      path: '/',
      query: '',
      headers: {},
      body: Buffer.alloc(bytes),
      sourceIp: '',
    });
  const ok = { payload: { statusCode: 200, body: 'ok' } };

  it('counts a request by 512 KB of the larger of it and its answer', async () => {
    await request(ok);
    // "content-type: text/plain; charset=utf-8", its end of line, and the body.
    expect(usage.taken()).toEqual({ httpRequest: 1, sentByte: 41 + 2 });
    await request(ok, 512 * KB + 1);
    expect(counted()).toEqual({ httpRequest: 2 });
    await request({ payload: { statusCode: 200, body: 'x'.repeat(1_100 * KB) } });
    expect(counted()).toEqual({ httpRequest: 3 });
  });

  it('counts a failed one, and none that is throttled', async () => {
    await request({ functionError: { errorType: 'Error', errorMessage: 'x' } });
    expect(counted()).toEqual({ httpRequest: 1 });
    expect((await request(ok, 0, 0)).status).toBe(429);
    expect(counted()).toEqual({});
  });
});
