import {
  ApiGatewayManagementApiServiceException,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, describe, expect, it } from 'vitest';
import type { Faults } from '../../../../local/cloud-options.ts';
import { type Client, type Gateway, type GatewayOptions, startGateway } from './gateway.ts';

let gateway: Gateway;
afterEach(() => gateway.close());

async function connected(options?: GatewayOptions): Promise<{ client: Client; ConnectionId: string }> {
  gateway = await startGateway(options);
  return connectAnother();
}

async function connectAnother(): Promise<{ client: Client; ConnectionId: string }> {
  const client = await gateway.connect();
  const { event } = await gateway.invocations('connect').next();
  return { client, ConnectionId: event.requestContext.connectionId };
}

const post = (ConnectionId: string, Data: string) =>
  gateway.sdk.send(new PostToConnectionCommand({ ConnectionId, Data }));

describe('POST @connections', () => {
  it.each([
    ['a short text', 'hello'],
    ['nothing', ''],
    ['126 bytes', 'x'.repeat(126)],
    ['umlauts', 'Grüße 🛒'],
    ['32 KB', 'x'.repeat(32 * 1024)],
    ['128 KB', 'x'.repeat(128 * 1024)],
  ])('sends %s', async (_what, text) => {
    const { client, ConnectionId } = await connected();
    const answer = await post(ConnectionId, text);
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect(await client.messages.next()).toBe(text);
  });

  it('sends every client its own text when texts alternate', async () => {
    const one = await connected();
    const two = await connectAnother();
    for (const text of ['a', 'a', 'b', 'a']) {
      await post(one.ConnectionId, text);
      await post(two.ConnectionId, `${text}!`);
      expect([await one.client.messages.next(), await two.client.messages.next()]).toEqual([
        text,
        `${text}!`,
      ]);
    }
  });

  it('refuses more than 128 KB', async () => {
    const { ConnectionId } = await connected();
    await expect(post(ConnectionId, 'x'.repeat(128 * 1024 + 1))).rejects.toThrow(PayloadTooLargeException);
  });

  it('finds nobody under an unknown id', async () => {
    gateway = await startGateway();
    await expect(post('L0SM9cOFvHcCIhw=', '{}')).rejects.toThrow(GoneException);
  });

  it("is throttled together with all the account's requests", async () => {
    const { client, ConnectionId } = await connected({ limits: { requests: { rate: 1, burst: 2 } } });
    await post(ConnectionId, 'one');
    await expect(post(ConnectionId, 'two')).rejects.toThrow(LimitExceededException);
    gateway.clock.advance(1000);
    await post(ConnectionId, 'three');
    expect([await client.messages.next(), await client.messages.next()]).toEqual(['one', 'three']);
  });

  it.each<[NonNullable<ReturnType<NonNullable<Faults['post']>>>, number]>([
    ['throttle', 429],
    ['error', 500],
    ['lose', 200],
  ])('can fail by the fault %s', async (fault, status) => {
    const faults: (typeof fault)[] = [fault];
    const { client, ConnectionId } = await connected({ faults: { post: () => faults.pop() } });
    const answer = await post(ConnectionId, 'first').catch((error: unknown) => {
      if (error instanceof ApiGatewayManagementApiServiceException) return error;
      throw error;
    });
    expect(answer.$metadata.httpStatusCode).toBe(status);
    await post(ConnectionId, 'second');
    expect(await client.messages.next()).toBe('second');
  });

  it('answers 410 in the form of AWS', async () => {
    gateway = await startGateway();
    const response = await fetch(`http://127.0.0.1:${gateway.port}/prod/@connections/L0SM9cOFvHcCIhw%3D`, {
      method: 'POST',
      body: '{}',
    });
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([410, 'GoneException']);
  });

  it.each([
    ['constructor'],
    ['a'],
    ['L0SM9cOFvHcCIhw'],
    ['L0SM9cOFvHcCIhw=='],
    ['L0SM9cOFvH/CIhw='],
    ['%zz'],
  ])('refuses %s, which is no connection id', async id => {
    gateway = await startGateway();
    for (const method of ['POST', 'GET', 'DELETE']) {
      const url = `http://127.0.0.1:${gateway.port}/prod/@connections/${encodeURIComponent(id)}`;
      const response = await fetch(url, { method });
      expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([
        400,
        'BadRequestException',
      ]);
    }
  });

  it('is throttled by a client that reads too slowly, and by none beside it', async () => {
    const slow = await connected();
    const other = await connectAnother();
    slow.client.socket.pause();
    const text = 'x'.repeat(100 * 1024);
    const posted: string[] = [];
    let error: unknown;
    while (error === undefined) {
      try {
        await post(slow.ConnectionId, text);
        posted.push(text);
      } catch (thrown) {
        error = thrown;
      }
    }
    expect(error).toBeInstanceOf(LimitExceededException);
    await post(other.ConnectionId, 'on time');
    expect(await other.client.messages.next()).toBe('on time');

    // Nothing of what was answered 200 is lost, and the line goes on.
    slow.client.socket.resume();
    for (const sent of posted) expect(await slow.client.messages.next()).toBe(sent);
    await post(slow.ConnectionId, 'again');
    expect(await slow.client.messages.next()).toBe('again');
  });
});

describe('an answer', () => {
  it('to a client that sends and reads nothing piles up to a limit; then the connection ends', async () => {
    const body = 'x'.repeat(100 * 1024);
    const { client } = await connected({ lambdas: { ping: () => ({ payload: { statusCode: 200, body } }) } });
    client.socket.pause();
    const closed = gateway.invocations('disconnect').next();
    const flood = setInterval(() => client.send({ action: 'ping' }), 1);
    const { event } = await closed.finally(() => clearInterval(flood));
    expect(event.requestContext.disconnectStatusCode).toBe(1006);
  });
});

describe('GET @connections', () => {
  it('tells who is connected and since when', async () => {
    const { ConnectionId } = await connected();
    gateway.clock.advance(5_000);
    const before = await gateway.sdk.send(new GetConnectionCommand({ ConnectionId }));
    expect(before.Identity).toEqual({ SourceIp: '127.0.0.1', UserAgent: 'till/1' });
    await post(ConnectionId, 'x');
    const after = await gateway.sdk.send(new GetConnectionCommand({ ConnectionId }));
    expect(after.ConnectedAt).toEqual(before.ConnectedAt);
    expect(Number(after.LastActiveAt) - Number(before.LastActiveAt)).toBeGreaterThanOrEqual(5_000);
  });

  it('finds nobody after the connection closed', async () => {
    const { client, ConnectionId } = await connected();
    client.socket.close();
    await gateway.invocations('disconnect').next();
    await expect(gateway.sdk.send(new GetConnectionCommand({ ConnectionId }))).rejects.toThrow(GoneException);
  });
});

describe('DELETE @connections', () => {
  it('closes the connection with 1000 and is followed by $disconnect', async () => {
    const { client, ConnectionId } = await connected();
    const answer = await gateway.sdk.send(new DeleteConnectionCommand({ ConnectionId }));
    expect(answer.$metadata.httpStatusCode).toBe(204);
    expect((await client.closed).code).toBe(1000);
    const { event } = await gateway.invocations('disconnect').next();
    expect(event.requestContext).toMatchObject({
      disconnectStatusCode: 1000,
      disconnectReason: 'Connection Closed Normally',
    });
    await expect(gateway.sdk.send(new DeleteConnectionCommand({ ConnectionId }))).rejects.toThrow(
      GoneException,
    );
  });

  it('is final at once, though the client has not answered the close frame', async () => {
    const { client, ConnectionId } = await connected();
    client.socket.pause();
    await gateway.sdk.send(new DeleteConnectionCommand({ ConnectionId }));
    expect(gateway.api.connectionCount).toBe(1);
    await expect(post(ConnectionId, 'x')).rejects.toThrow(GoneException);
    await expect(gateway.sdk.send(new GetConnectionCommand({ ConnectionId }))).rejects.toThrow(GoneException);
  });
});

describe('another request', () => {
  it.each([
    ['PUT', '/prod/@connections/x'],
    ['POST', '/dev/@connections/x'],
  ])('is forbidden: %s %s', async (method, path) => {
    gateway = await startGateway();
    const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { method });
    expect(response.status).toBe(403);
  });
});
