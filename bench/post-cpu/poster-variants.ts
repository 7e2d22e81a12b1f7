/** One way to post, in a process of its own: posts a frame so many times and says what CPU that took. */
import { setDefaultCACertificates } from 'node:tls';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Pool } from 'undici';
import { answerQuestions } from '../processes.ts';

const [variant, endpoint = '', ca = ''] = process.argv.slice(2);
setDefaultCACertificates([ca]);

/** As in Lambda: a session token, of the length that AWS's have. */
const config = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'ASIABENCH', secretAccessKey: 's'.repeat(40), sessionToken: 't'.repeat(900) },
};
const FRAME = JSON.stringify({ type: 'update', prices: 'x'.repeat(270) });

interface Member {
  shard: number;
  member: string;
  connectionId: string;
}

function members(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => ({
    shard: 0,
    member: `store#${index}`,
    connectionId: `L0SM9c${String(index).padStart(9, '0')}=`,
  }));
}

/** The usual sample: every post at once, and the SDK's own agent and retries. */
function usualSample(): (count: number) => Promise<void> {
  const client = new ApiGatewayManagementApiClient({ ...config, endpoint: `${endpoint}/prod` });
  const Data = new TextEncoder().encode(FRAME);
  return async count => {
    await Promise.all(
      members(count).map(({ connectionId: ConnectionId }) =>
        client.send(new PostToConnectionCommand({ ConnectionId, Data })),
      ),
    );
  };
}

/** What is inside our poster: `client.send` in a window, nothing else. */
async function shortPath(): Promise<(count: number) => Promise<void>> {
  const { createGatewayClient, POST_WINDOW } = await import('../../lambdas/gateway/gateway.ts');
  const client = createGatewayClient(`${endpoint}/prod`, config);
  const Data = new TextEncoder().encode(FRAME);
  return async count => {
    const left = members(count);
    const work = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        await client.send(new PostToConnectionCommand({ ConnectionId: next.connectionId, Data }));
      }
    };
    await Promise.all(Array.from({ length: POST_WINDOW }, work));
  };
}

/** The broadcast's own poster: window, pacing and retries included. */
async function poster(): Promise<(count: number) => Promise<void>> {
  const { createGatewayClient, POST_WINDOW } = await import('../../lambdas/gateway/gateway.ts');
  const { Pacer } = await import('../../lambdas/fan-out/pacer.ts');
  const { Poster } = await import('../../lambdas/fan-out/poster.ts');
  const poster = new Poster({
    client: createGatewayClient(`${endpoint}/prod`, config),
    pacer: new Pacer({ rate: 1_000_000, burst: 1_000_000 }),
    window: POST_WINDOW,
  });
  return async count => {
    const report = await poster.post(FRAME, [members(count)], () => true);
    if (report.sent !== count) throw new Error(`only ${report.sent} of ${count} were posted`);
  };
}

/** The same signatures over undici's pool: what our own sockets are held against. Its middleware and errors are left out. */
async function onUndici(): Promise<(count: number) => Promise<void>> {
  const { POST_WINDOW } = await import('../../lambdas/gateway/gateway.ts');
  const { PostSigner } = await import('../../lambdas/gateway/post/signature.ts');
  const pool = new Pool(endpoint, { connections: POST_WINDOW, pipelining: 1 });
  const signer = new PostSigner({ host: new URL(endpoint).host, path: '/prod', region: config.region });
  const body = Buffer.from(FRAME);
  const post = async (connectionId: string) => {
    const signed: Buffer = signer.signedRequest(connectionId, body, config.credentials, Date.now());
    const [head = ''] = signed.toString('latin1').split('\r\n\r\n');
    const [requestLine = '', ...lines] = head.split('\r\n');
    const headers = lines.flatMap(line => line.split(': ', 2));
    const answer = await pool.request({
      path: requestLine.split(' ')[1] ?? '',
      method: 'POST',
      headers,
      body,
    });
    await answer.body.dump();
  };
  return async count => {
    const left = members(count);
    const work = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await post(next.connectionId);
    };
    await Promise.all(Array.from({ length: POST_WINDOW }, work));
  };
}

const variants: Record<string, () => unknown> = { usualSample, onUndici, shortPath, poster };
const ready = variants[variant ?? '']?.() as Promise<(count: number) => Promise<void>>;

answerQuestions(async ({ posts }: { posts: number }) => {
  const post = await ready;
  globalThis.gc?.();
  const before = process.cpuUsage();
  await post(posts);
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMicroseconds: (user + system) / posts,
  };
});
