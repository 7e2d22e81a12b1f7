/**
 * The broadcast's workers, divided by their own `FanOut`. Lambda would give each a machine; here they share a process, its
 * sockets and a bucket of turns, which is what they share by way of DynamoDB on AWS.
 */
import { setDefaultCACertificates } from 'node:tls';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Update } from '../../domain/updates/update.ts';
import { FanOut, type FanOutReport } from '../../lambdas/fan-out/fan-out.ts';
import { Pacer } from '../../lambdas/fan-out/pacer.ts';
import { Poster } from '../../lambdas/fan-out/poster.ts';
import { RedeliveryQueue } from '../../lambdas/fan-out/redelivery.ts';
import { ShareReader } from '../../lambdas/fan-out/share-reader.ts';
import type { Share } from '../../lambdas/fan-out/shares.ts';
import { OwnTurnBucket } from '../../lambdas/fan-out/turn-bucket.ts';
import { createGatewayClient, POST_WINDOW } from '../../lambdas/gateway/gateway.ts';
import { Connections } from '../../lambdas/registry/connections.ts';
import { answerQuestions } from '../processes.ts';

const [endpoint = '', ca = '', registry = '', rate = '', burst = ''] = process.argv.slice(2);
setDefaultCACertificates([ca]);

/** The stack's default. */
const MEMBERS_PER_WORKER = 10_000;
const config = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'ASIABENCH', secretAccessKey: 's'.repeat(40), sessionToken: 't'.repeat(900) },
};

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
const update: Update = {
  id: 'bench',
  kind: 'price.changed',
  publishedAt: new Date().toISOString(),
  validFrom: null,
  validUntil: null,
  audience: undefined,
  // A frame of 300 bytes.
  data: { prices: [{ sku: 'x'.repeat(88), amount: 199, currency: 'EUR' }] },
};

type Report = Pick<FanOutReport, 'sent' | 'gone' | 'failed'>;

/** A worker and, as Lambda would start them, those that it hands the rest to. */
async function work(given?: Share): Promise<Report[]> {
  const others: Promise<Report[]>[] = [];
  const lambda = {
    async send({ input }: InvokeCommand) {
      const { share } = JSON.parse(new TextDecoder().decode(input.Payload as Uint8Array));
      others.push(work(share));
    },
  } as Pick<LambdaClient, 'send'>;
  const fanOut = new FanOut({
    connections,
    poster: new Poster({
      client,
      pacer: new Pacer({ rate: Number(rate), burst: Number(burst), bucket }),
      window: POST_WINDOW,
    }),
    redelivery,
    reader: new ShareReader({
      connections,
      lambda,
      functionName: 'broadcast',
      membersPerWorker: MEMBERS_PER_WORKER,
    }),
  });
  // What the lease is kept in isn't here.
  const nothing = async () => {};
  const lease = { extent: {}, renew: nothing, cut: nothing };
  const assignment = { update, positions: { all: 1 }, lease, ...(given && { share: given }) };
  const report = await fanOut.run(assignment, { getRemainingTimeInMillis: () => 120_000 });
  return [report, ...(await Promise.all(others)).flat()];
}

answerQuestions(async () => {
  const before = process.cpuUsage();
  const startedAt = String(process.hrtime.bigint());
  const reports = await work();
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
