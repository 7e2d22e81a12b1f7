/** API Gateway as a broadcast meets it: it answers after a while, and 429 for the account or for a single line. */
import {
  ApiGatewayManagementApiClient,
  LimitExceededException,
  type PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Pacer } from '../../../lambdas/fan-out/pacer.ts';
import { Poster } from '../../../lambdas/fan-out/poster.ts';
import type { TurnBucket } from '../../../lambdas/fan-out/turn-bucket.ts';
import type { Member } from '../../../lambdas/registry/connection-items.ts';
import type { ModelTime } from './model-time.ts';

export interface ModelGateway {
  client: ApiGatewayManagementApiClient;
  /** Requests, those that were refused among them. */
  requests: number;
  refused: number;
  /** When the last line was posted to, and each of them how often. */
  lastAt: number;
  posted: Map<string, number>;
}

const ANSWER_MS = 10;

export function modelGateway(
  time: ModelTime,
  account: { rate: number; burst: number },
  isHung: (connectionId: string) => boolean = () => false,
): ModelGateway {
  const client = new ApiGatewayManagementApiClient({ region: 'local', endpoint: 'http://127.0.0.1:1' });
  const mayPass = throttleOf(time, account);
  const gateway: ModelGateway = { client, requests: 0, refused: 0, lastAt: 0, posted: new Map() };
  client.send = (async ({ input }: PostToConnectionCommand) => {
    const line = String(input.ConnectionId);
    gateway.requests += 1;
    const isRefused = !mayPass() || isHung(line);
    await time.wait(ANSWER_MS);
    if (isRefused) {
      gateway.refused += 1;
      throw new LimitExceededException({ $metadata: {}, message: '' });
    }
    gateway.lastAt = time.now;
    gateway.posted.set(line, (gateway.posted.get(line) ?? 0) + 1);
  }) as typeof client.send;
  return gateway;
}

/** A bucket of tokens, as API Gateway's is. */
function throttleOf(time: ModelTime, { burst, rate }: { rate: number; burst: number }): () => boolean {
  let tokens = burst;
  let filledAt = 0;
  return () => {
    tokens = Math.min(burst, tokens + ((time.now - filledAt) / 1_000) * rate);
    filledAt = time.now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** With the pace of the stack's defaults. */
export function modelPoster(time: ModelTime, { client }: ModelGateway, bucket?: TurnBucket) {
  const { wait } = time;
  const pacer = new Pacer({
    rate: 4_500,
    burst: 2_000,
    now: () => time.now,
    wait,
    ...(bucket && { bucket }),
  });
  // The mean of the jitter: a run is the same each time.
  return { pacer, poster: new Poster({ client, pacer, window: 200, wait, random: () => 0.5 }) };
}

export function linesOf(count: number, name = 'c'): Member[] {
  return Array.from({ length: count }, (_, index) => ({
    shard: 0,
    member: `store#${index}`,
    connectionId: `${name}${index}`,
  }));
}
