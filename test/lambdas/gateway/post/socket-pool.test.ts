import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MalformedAnswerError } from '../../../../lambdas/gateway/post/answer-parser.ts';
import { SocketClosedError } from '../../../../lambdas/gateway/post/keep-alive-socket.ts';
import {
  PostTimeoutError,
  SocketPool,
  type SocketPoolOptions,
} from '../../../../lambdas/gateway/post/socket-pool.ts';
import { always, httpAnswer, type ScriptedGateway, startGateway } from './scripted-gateway.ts';

const OK = httpAnswer(200);

function poolOf(gateway: Pick<ScriptedGateway, 'url'>, options: Partial<SocketPoolOptions> = {}): SocketPool {
  const pool = new SocketPool({ url: gateway.url, size: 5, ...options });
  onTestFinished(() => pool.destroy());
  return pool;
}

function request(connectionId = 'c'): Buffer {
  return Buffer.from(`POST /prod/@connections/${connectionId} HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}`);
}

const sendMany = (pool: SocketPool, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => pool.send(request(`c${index}`))));

describe.each(['http', 'https'] as const)('over %s, the pool', protocol => {
  it('has one request on a socket at a time, on no more sockets than it may open', async () => {
    const gateway = await startGateway(protocol, (_request, socket, answered) =>
      setImmediate(() => {
        answered();
        socket.write(OK);
      }),
    );
    const answers = await sendMany(poolOf(gateway), 60);
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200));
    expect(new Set(gateway.requests.map(({ connectionId }) => connectionId)).size).toBe(60);
    expect(gateway.pipelined).toBe(false);
    expect(gateway.sockets.length).toBeLessThanOrEqual(5);
  });

  it('keeps its sockets from one broadcast to the next', async () => {
    const gateway = await startGateway(protocol, always(OK));
    const pool = poolOf(gateway);
    await sendMany(pool, 20);
    const opened = gateway.sockets.length;
    await sendMany(pool, 5);
    for (let index = 0; index < 10; index += 1) await pool.send(request());
    expect(gateway.sockets.length).toBeLessThanOrEqual(Math.max(opened, 5));
    expect(gateway.requests.slice(-10).map(seen => seen.socketNumber)).toEqual(
      Array(10).fill(gateway.requests.at(-1)?.socketNumber),
    );
  });

  it('puts an answer together that comes byte by byte', async () => {
    const gateway = await startGateway(protocol, async (_request, socket) => {
      for (const character of httpAnswer(
        429,
        { 'x-amzn-ErrorType': 'LimitExceededException' },
        'slow down',
      )) {
        socket.write(character);
        await new Promise(resolve => setImmediate(resolve));
      }
    });
    expect(await poolOf(gateway).send(request())).toMatchObject({ status: 429, body: 'slow down' });
  });

  it('tries a post once more, on a fresh socket, where one dies under it', async () => {
    const gateway = await startGateway(protocol, ({ socketNumber }, socket) => {
      if (socketNumber === 0 && gateway.requests.length > 1) socket.destroy();
      else socket.write(OK);
    });
    const pool = poolOf(gateway);
    await pool.send(request('first'));
    expect(await pool.send(request('second'))).toMatchObject({ status: 200 });
    expect(gateway.requests.map(seen => [seen.connectionId, seen.socketNumber])).toEqual([
      ['first', 0],
      ['second', 0],
      ['second', 1],
    ]);
  });

  it.each<[string, string]>([
    ['before the answer', ''],
    ['in the middle of the head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['in the middle of the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
  ])('gives a post up whose second socket dies, too, %s', async (_title, piece) => {
    const gateway = await startGateway(protocol, (_request, socket) => socket.end(piece));
    await expect(poolOf(gateway).send(request())).rejects.toThrow(SocketClosedError);
    expect(gateway.requests).toHaveLength(2);
  });

  it.each([
    ['junk', 'what?\r\n\r\n'],
    ['an answer without sense', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'],
  ])('takes %s for an error, and does not use that socket again', async (_title, junk) => {
    const gateway = await startGateway(protocol, ({ socketNumber }, socket) =>
      socket.write(socketNumber === 0 ? junk : OK),
    );
    const pool = poolOf(gateway);
    await expect(pool.send(request())).rejects.toThrow(MalformedAnswerError);
    expect(await pool.send(request())).toMatchObject({ status: 200 });
    expect(gateway.requests.map(seen => seen.socketNumber)).toEqual([0, 1]);
  });

  it.each([
    ['says that it closes', httpAnswer(200, { Connection: 'close' })],
    ['sends more than its answer', `${OK}and more`],
  ])('opens another socket where the server %s', async (_title, answer) => {
    const gateway = await startGateway(protocol, always(answer));
    const pool = poolOf(gateway);
    for (let index = 0; index < 3; index += 1)
      expect(await pool.send(request())).toMatchObject({ status: 200 });
    expect(gateway.requests.map(seen => seen.socketNumber)).toEqual([0, 1, 2]);
  });

  it('does not take what comes unasked for the answer to the next post', async () => {
    const gateway = await startGateway(protocol, ({ socketNumber }, socket) => {
      socket.write(httpAnswer(socketNumber === 0 ? 200 : 204, socketNumber === 0 ? {} : { 'x-second': '1' }));
      if (socketNumber === 0) setImmediate(() => socket.write(httpAnswer(410)));
    });
    const pool = poolOf(gateway);
    await pool.send(request());
    await vi.waitUntil(() => gateway.sockets[0]?.destroyed);
    expect(await pool.send(request())).toMatchObject({ status: 204 });
  });

  it('gives up on an answer that is too slow, though bytes drip, and ends that socket', async () => {
    const gateway = await startGateway(protocol, ({ socketNumber }, socket) => {
      if (socketNumber > 0) return void socket.write(OK);
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const pool = poolOf(gateway, { answerTimeoutMs: 100 });
    await expect(pool.send(request())).rejects.toThrow(PostTimeoutError);
    await vi.waitUntil(() => gateway.sockets[0]?.destroyed);
    expect(await pool.send(request())).toMatchObject({ status: 200 });
    expect(gateway.requests).toHaveLength(2);
  });

  it('uses no socket again that was idle for long: its other end may be closed unheard', async () => {
    const gateway = await startGateway(protocol, always(OK));
    const pool = poolOf(gateway, { idleTimeoutMs: 1 });
    await pool.send(request());
    await delay(5);
    await pool.send(request());
    expect(gateway.requests.map(seen => seen.socketNumber)).toEqual([0, 1]);
  });

  it('fails what is under way when it is destroyed, and waits for nothing', async () => {
    const gateway = await startGateway(protocol, () => {});
    const pool = poolOf(gateway);
    const sent = Promise.allSettled(Array.from({ length: 20 }, () => pool.send(request())));
    await vi.waitUntil(() => gateway.requests.length > 0);
    pool.destroy();
    expect((await sent).every(({ status }) => status === 'rejected')).toBe(true);
    await vi.waitUntil(() => gateway.sockets.every(socket => socket.destroyed));
  });
});

describe('over TLS, the pool', () => {
  it('opens one socket, and resumes its session on the others', async () => {
    const gateway = await startGateway('https', (_request, socket, answered) =>
      setImmediate(() => {
        answered();
        socket.write(OK);
      }),
    );
    await sendMany(poolOf(gateway), 100);
    expect(gateway.sockets.length).toBeGreaterThan(1);
    expect(gateway.resumed).toBe(gateway.sockets.length - 1);
  });

  it('trusts no server whose certificate is for another name', async () => {
    const gateway = await startGateway('https', always(OK));
    // The certificate names localhost alone; this is the same machine by another address.
    gateway.url.hostname = '[::ffff:127.0.0.1]';
    await expect(poolOf(gateway).send(request())).rejects.toThrow();
    expect(gateway.requests).toEqual([]);
  });
});

/** A port that drops the first connections before they are secure, and then is the gateway's. */
async function startDropping(dropped: number, gateway: ScriptedGateway): Promise<URL> {
  let connections = 0;
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy());
    connections += 1;
    if (connections <= dropped) return void socket.destroy();
    const inner = connect(Number(gateway.url.port), 'localhost');
    inner.on('error', () => inner.destroy());
    socket.pipe(inner).pipe(socket);
    socket.on('close', () => inner.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve));
  onTestFinished(() => void server.close());
  const url = new URL(gateway.url);
  url.port = String((server.address() as AddressInfo).port);
  return url;
}

it.each([1, 2])('serves all that wait though the first %d connects fail', async dropped => {
  const gateway = await startGateway('https', always(OK));
  const pool = poolOf({ url: await startDropping(dropped, gateway) });
  const answers = await sendMany(pool, 20);
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(gateway.requests).toHaveLength(20);
});

it('fails all that wait after a few connects where none succeeds', async () => {
  const gateway = await startGateway('https', always(OK));
  const pool = poolOf({ url: await startDropping(1_000, gateway) });
  const settled = await Promise.allSettled(Array.from({ length: 10 }, () => pool.send(request())));
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
});

it('fails all that wait where nobody listens', async () => {
  const gateway = await startGateway('http', always(OK));
  const pool = poolOf({ url: new URL('http://localhost:1') });
  const settled = await Promise.allSettled(Array.from({ length: 10 }, () => pool.send(request())));
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
  expect(gateway.requests).toEqual([]);
});
