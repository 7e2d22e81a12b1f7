import { once } from 'node:events';
import { GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../../../local/apigateway/types.ts';
import { type Client, type Gateway, ok, refusedHandshake, startGateway } from './gateway.ts';

let gateway: Gateway;
afterEach(() => gateway.close());

const minute = 60_000;

/** Any answer proves that the gateway has read what the client sent before. */
async function ping(client: Client): Promise<void> {
  client.socket.ping();
  await once(client.socket, 'pong');
}

describe('a connection', () => {
  it('is closed with 1001 after 10 minutes without traffic', async () => {
    gateway = await startGateway();
    const client = await gateway.connect();
    gateway.clock.advance(9 * minute);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    gateway.clock.advance(minute);
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    const { event } = await gateway.invocations('disconnect').next();
    expect(event.requestContext).toMatchObject({
      disconnectStatusCode: 1001,
      disconnectReason: 'Going away',
    });
  });

  it.each<[string, (client: Client, ConnectionId: string) => Promise<unknown>]>([
    ['its ping', ping],
    [
      'a post to it',
      (_client, ConnectionId) => gateway.sdk.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' })),
    ],
    [
      'its message',
      async client => {
        client.send({ action: 'quiet' });
        await gateway.invocations('quiet').next();
      },
    ],
  ])('is kept by %s', async (_what, traffic) => {
    gateway = await startGateway();
    const client = await gateway.connect();
    const { event } = await gateway.invocations('connect').next();
    for (let round = 0; round < 3; round += 1) {
      gateway.clock.advance(9 * minute);
      await traffic(client, event.requestContext.connectionId);
    }
    expect(gateway.api.connectionCount).toBe(1);
    gateway.clock.advance(10 * minute);
    expect((await client.closed).code).toBe(1001);
  });

  it('is closed with 1001 after two hours, however busy', async () => {
    gateway = await startGateway();
    const client = await gateway.connect();
    for (let minutes = 0; minutes < 115; minutes += 5) {
      await ping(client);
      gateway.clock.advance(5 * minute);
    }
    await ping(client);
    gateway.clock.advance(5 * minute);
    expect((await client.closed).code).toBe(1001);
  });
});

describe('$disconnect', () => {
  it.each<[string, (client: Client) => void, { code: number; reason: string }]>([
    [
      "the client's code and reason",
      client => client.socket.close(4001, 'bye'),
      { code: 4001, reason: 'bye' },
    ],
    [
      'a close frame without a code',
      client => client.socket.close(),
      { code: 1005, reason: 'Client-side close frame status not set' },
    ],
    [
      'an abrupt end',
      client => client.socket.terminate(),
      { code: 1006, reason: 'Connection closed abnormally' },
    ],
  ])('tells %s, once', async (_what, hangUp, { code, reason }) => {
    gateway = await startGateway();
    const client = await gateway.connect();
    const { event: connect } = await gateway.invocations('connect').next();
    const { connectionId } = connect.requestContext;
    hangUp(client);
    const { event, sourceArn } = await gateway.invocations('disconnect').next();
    expect(sourceArn).toBe('arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/$disconnect');
    expect(event.requestContext).toMatchObject({
      routeKey: '$disconnect',
      eventType: 'DISCONNECT',
      connectionId,
      disconnectStatusCode: code,
      disconnectReason: reason,
    });
    const posted = gateway.sdk.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' }));
    await expect(posted).rejects.toThrow(GoneException);
    expect(gateway.invocations('disconnect').size).toBe(0);
  });

  it('can be lost by a fault', async () => {
    const lost = new Set<string>();
    gateway = await startGateway({
      faults: { disconnect: id => (lost.size === 0 && lost.add(id) ? 'lose' : undefined) },
    });
    const [one, two] = [await gateway.connect(), await gateway.connect()];
    one.socket.close();
    await one.closed;
    two.socket.close();
    const { event } = await gateway.invocations('disconnect').next();
    expect([...lost]).not.toContain(event.requestContext.connectionId);
    expect(gateway.invocations('disconnect').size).toBe(0);
  });

  it('that fails is logged and not tried again', async () => {
    gateway = await startGateway({ lambdas: { disconnect: () => ({ throttled: true }) } });
    const client = await gateway.connect();
    client.socket.close();
    await gateway.invocations('disconnect').next();
    await gateway.api.close();
    expect(gateway.logs).toEqual(['$disconnect of abc123 failed: throttled']);
    expect(gateway.invocations('disconnect').size).toBe(0);
  });
});

describe('close', () => {
  it('closes every client with 1001 and lets $disconnect finish', async () => {
    const finished: string[] = [];
    gateway = await startGateway({
      lambdas: {
        disconnect: async ({ event }) => {
          await new Promise(resolve => setImmediate(resolve));
          finished.push(event.requestContext.connectionId);
          return { payload: { statusCode: 200 } };
        },
      },
    });
    const clients = [await gateway.connect(), await gateway.connect()];
    await gateway.api.close();
    expect(finished).toHaveLength(2);
    expect(gateway.api.connectionCount).toBe(0);
    for (const client of clients) expect((await client.closed).code).toBe(1001);
    expect((await refusedHandshake(gateway.url)).status).toBe(503);
  });

  it('ends in spite of a client that does not answer and a $disconnect that does not end', async () => {
    const stuck = Promise.withResolvers<InvokeResult>();
    gateway = await startGateway({ lambdas: { disconnect: () => stuck.promise } });
    const client = await gateway.connect();
    client.socket.pause();
    const closed = gateway.api.close();
    gateway.clock.advance(500);
    await gateway.invocations('disconnect').next();
    gateway.clock.advance(500);
    await closed;
    stuck.resolve(ok);
    // The limit of this test is below the time that a close frame is waited for otherwise.
  }, 1_500);
});
