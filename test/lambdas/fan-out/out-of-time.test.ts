/** A worker that shares its pace with too many others: what it posts, what it hands to redelivery, and what to others. */
import {
  ApiGatewayManagementApiClient,
  type PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { InvokeCommand } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { FanOut } from '../../../lambdas/fan-out/fan-out.ts';
import { Pacer } from '../../../lambdas/fan-out/pacer.ts';
import { Poster } from '../../../lambdas/fan-out/poster.ts';
import type { RedeliveryQueue } from '../../../lambdas/fan-out/redelivery.ts';
import { ShareReader } from '../../../lambdas/fan-out/share-reader.ts';
import type { Share } from '../../../lambdas/fan-out/shares.ts';
import type { Member } from '../../../lambdas/registry/connection-items.ts';
import { priceUpdate } from '../updates.ts';
import { linesOf } from './model-gateway.ts';

const MINUTE = 60_000;

it('it ends at once, and each line is posted to, redelivered to or left to another worker', async () => {
  const fleet = linesOf(3_500);
  const posted: string[] = [];
  const client = new ApiGatewayManagementApiClient({ region: 'local', endpoint: 'http://127.0.0.1:1' });
  client.send = (async ({ input }: PostToConnectionCommand) =>
    posted.push(String(input.ConnectionId))) as typeof client.send;
  let draws = 0;
  const bucket = {
    async reserve(_turns: number, _intervalMs: number, from: number) {
      draws += 1;
      // Others have taken all the turns of the next minutes.
      return draws === 1 ? from : from + 10 * MINUTE;
    },
  };
  const startedAt = Date.now();
  // Its clock stands still: no turn is lost to a machine that is busy.
  const pacer = new Pacer({
    rate: 10_000,
    burst: 10_000,
    bucket,
    now: () => startedAt,
    wait: async () => undefined,
  });
  const redelivered: Member[] = [];
  const redelivery = {
    send: async (_updateId: string, members: readonly Member[]) => void redelivered.push(...members),
  } as unknown as RedeliveryQueue;
  const shares: Share[] = [];
  const lambda = {
    async send({ input }: InvokeCommand) {
      shares.push(JSON.parse(new TextDecoder().decode(input.Payload as Uint8Array)).share);
    },
  };
  const connections = {
    start: { 0: '' },
    async *members() {
      yield fleet;
    },
    removeAll: async () => {},
  };
  let end: Record<string, string> | undefined;
  const lease = {
    extent: {},
    renew: async () => {},
    async cut(reached: Record<string, string>) {
      end = reached;
    },
  };
  const fanOut = new FanOut({
    connections,
    reader: new ShareReader({
      connections,
      lambda: lambda as never,
      functionName: 'broadcast',
      membersPerWorker: 10_000,
    }),
    poster: new Poster({ client, pacer, window: 200 }),
    redelivery,
  });
  const report = await fanOut.run(
    { update: priceUpdate({}), positions: { all: 1 }, lease },
    { getRemainingTimeInMillis: () => startedAt + 2 * MINUTE - Date.now() },
  );
  const connectionIds = (members: readonly Member[]) => members.map(({ connectionId }) => connectionId);
  expect(Date.now() - startedAt).toBeLessThan(MINUTE);
  expect(posted).toEqual(connectionIds(fleet.slice(0, 1_000)));
  expect(report).toMatchObject({ sent: 1_000, failed: redelivered.length });
  // A page at most goes by the queue, which is for single lines.
  expect(connectionIds(redelivered)).toEqual(connectionIds(fleet.slice(1_000, 2_000)));
  const [share, ...more] = shares;
  expect(share).toMatchObject({ shard: 0, behind: fleet[1_999]?.member, depth: 1 });
  expect(more).toEqual([]);
  // A retry after a crash does not post to what is left to others.
  expect(end).toEqual({ 0: fleet[1_999]?.member });
});
