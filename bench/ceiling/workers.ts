/**
 * The broadcast's workers, divided by their own `FanOut`. Lambda would give each a machine; here they share a process, its
 * sockets and a bucket of turns, which is what they share by way of DynamoDB on AWS.
 */
import { setDefaultCACertificates } from 'node:tls';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { answerQuestions } from '../processes.ts';
import { fromProject } from '../system.ts';

const [endpoint = '', ca = '', registry = '', rate = '', burst = ''] = process.argv.slice(2);
setDefaultCACertificates([ca]);

/** The stack's default. */
const MEMBERS_PER_WORKER = 10_000;
const config = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'ASIABENCH', secretAccessKey: 's'.repeat(40), sessionToken: 't'.repeat(900) },
};
const { Connections } = await fromProject('lambdas/shared/connections.ts');
const { createGatewayClient, POST_WINDOW } = await fromProject('lambdas/shared/gateway.ts');
const { FanOut } = await fromProject('lambdas/shared/fan-out.ts');
const { OwnTurnBucket, Pacer } = await fromProject('lambdas/shared/pacer.ts');
const { Poster } = await fromProject('lambdas/shared/poster.ts');
const { RedeliveryQueue } = await fromProject('lambdas/shared/redelivery.ts');

const client = createGatewayClient(`${endpoint}/prod`, config);
const connections = new Connections({
  client: new DynamoDBClient({ ...config, endpoint: registry }),
  table: 'connections',
  shards: 1,
});
const redelivery = new RedeliveryQueue({
  client: new SQSClient({ ...config, endpoint: registry }),
  queueUrl: `${registry}/redelivery`,
});
const bucket = new OwnTurnBucket();
const update = {
  id: 'bench',
  kind: 'price.changed',
  publishedAt: new Date().toISOString(),
  data: { prices: [] },
};
const frame = JSON.stringify({ type: 'update', prices: 'x'.repeat(270) });

interface Report {
  sent: number;
  gone: number;
  failed: number;
}

/** A worker and, as Lambda would start them, those that it hands the rest to. */
async function work(start: Record<string, string>, depth: number): Promise<Report[]> {
  const others: Promise<Report[]>[] = [];
  const lambda = {
    async send({ input }: { input: { Payload: Uint8Array } }) {
      const { share } = JSON.parse(new TextDecoder().decode(input.Payload));
      others.push(work({ [share.shard]: share.behind }, share.depth));
    },
  };
  const fanOut = new FanOut({
    connections,
    poster: new Poster({
      client,
      pacer: new Pacer({ rate: Number(rate), burst: Number(burst), bucket }),
      window: POST_WINDOW,
    }),
    redelivery,
    lambda,
    functionName: 'broadcast',
    membersPerWorker: MEMBERS_PER_WORKER,
  });
  // What the lease is kept in isn't here.
  const nothing = async () => {};
  const assignment = { update, frame, start, extent: {}, depth, renew: nothing, cut: nothing };
  const report: Report = await fanOut.run(assignment, { getRemainingTimeInMillis: () => 120_000 });
  return [report, ...(await Promise.all(others)).flat()];
}

answerQuestions(async () => {
  const before = process.cpuUsage();
  const startedAt = String(process.hrtime.bigint());
  const reports = await work(connections.start, 0);
  const { user, system } = process.cpuUsage(before);
  const total = (count: keyof Report) => reports.reduce((sum, report) => sum + report[count], 0);
  return {
    startedAt,
    workers: reports.length,
    sent: total('sent'),
    gone: total('gone'),
    failed: total('failed'),
    cpuMs: (user + system) / 1000,
  };
});
