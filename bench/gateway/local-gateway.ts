/**
 * The local cloud's API Gateway on its own edge. Posts are handed to it as the edge hands them on, one request for each
 * connection; its API has no authorizer and its Lambdas do nothing, since the connecting is not what is measured.
 */
import { createWebSocketApi } from '../../local/apigateway/websocket/websocket-api.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { awsLimits } from '../../local/cloud-options.ts';
import { EdgeServer } from '../../local/edge/server.ts';
import { TokenBucket } from '../../local/token-bucket.ts';
import { answerQuestions } from '../processes.ts';

const clock = createClock();
const unlimited = { rate: 1_000_000, burst: 1_000_000 };
const connectionIds: string[] = [];

const api = createWebSocketApi(
  {
    apiId: 'bench',
    stageName: 'prod',
    domainName: 'localhost',
    routeSelectionExpression: '$request.body.action',
    routes: { $connect: { functionArn: 'connect', returnsResponse: false } },
  },
  {
    async invoke(_functionArn, event) {
      const { requestContext } = event as { requestContext: { connectionId: string } };
      connectionIds.push(requestContext.connectionId);
      return { payload: { statusCode: 200 } };
    },
    clock,
    limits: { ...awsLimits, newConnections: unlimited },
    faults: {},
    requests: new TokenBucket(clock, unlimited),
    log: console.error,
    accountId: '000000000000',
    region: 'us-east-1',
  },
);

const edge = EdgeServer.listen(0).then(server => {
  server.serve({
    request: async request => api.handleConnectionsRequest(request),
    upgrade: (request, socket, head) => api.handleUpgrade(request, socket, head),
    failed: console.error,
  });
  return server;
});

answerQuestions(async (question: 'url' | { send: string }) => {
  const { port } = await edge;
  if (question === 'url') return `ws://127.0.0.1:${port}/prod`;
  const startedAt = process.hrtime.bigint();
  for (const connectionId of connectionIds) {
    const { status } = api.handleConnectionsRequest({
      method: 'POST',
      path: `/prod/@connections/${encodeURIComponent(connectionId)}`,
      query: '',
      headers: {},
      body: Buffer.from(question.send),
      sourceIp: '127.0.0.1',
    });
    if (status !== 200) throw new Error(`a post was answered ${status}`);
  }
  return String(startedAt);
});
