/**
 * Boots what `cdk synth` wrote, on one loopback port: the very template, with its roles, limits, retries and queues.
 * It knows nothing of the system but that template, and keeps what must last in its data directory.
 */
import { createHttpApi } from './apigateway/http/http-api.ts';
import type { GatewayDependencies } from './apigateway/types.ts';
import { createWebSocketApi } from './apigateway/websocket/websocket-api.ts';
import { readAssembly, UnsupportedTemplateError } from './assembly/assembly.ts';
import * as definitions from './assembly/definitions.ts';
import type { Naming } from './assembly/resource-types.ts';
import { Stack } from './assembly/stack.ts';
import { type AdjustableClock, type Clock, createClock } from './cloud-clock.ts';
import { awsLimits, type Faults, type Limits, type LocalRoutes } from './cloud-options.ts';
import { EmbeddedMetrics } from './cloudwatch/embedded-metrics.ts';
import { DataDirectory } from './data-directory.ts';
import { tableFault } from './dynamodb/table-faults.ts';
import { TableService } from './dynamodb/table-service.ts';
import { AccessControl } from './edge/access-control.ts';
import { AwsRequests } from './edge/aws-requests.ts';
import { answerLocalRoute } from './edge/local-routes.ts';
import { answerMetrics } from './edge/metrics-route.ts';
import { startEventSources } from './edge/polled-sources.ts';
import { EdgeServer } from './edge/server.ts';
import { DeliveryError, EventBuses } from './eventbridge/event-bus.ts';
import { handleEventsRequest } from './eventbridge/event-requests.ts';
import { KeyService } from './kms/key-service.ts';
import type { FunctionDefinition } from './lambda/function-definition.ts';
import { createLambdaService, type LambdaService } from './lambda/lambda-service.ts';
import { QueueService } from './sqs/queue-service.ts';
import { TokenBucket } from './token-bucket.ts';

export interface LocalCloudOptions {
  /** The cloud assembly that `cdk synth` wrote. */
  assemblyDirectory: string;
  dataDirectory: string;
  /** Empties the data directory first. @default false */
  fresh?: boolean;
  /** 0 picks a free one. @default 4566 */
  port?: number;
  /** @default AWS's own */
  limits?: Partial<Limits>;
  faults?: Faults;
  clock?: AdjustableClock;
  /** Answered here for pages of this very origin, and by nothing on AWS. @default none */
  localRoutes?: LocalRoutes;
  /** Each line of a function's log; all of them also go to `logs/` in the data directory. */
  onLog?: (functionName: string, line: string) => void;
  /** Faults of the local cloud itself. @default console.error */
  onError?: (message: string) => void;
}

export interface LocalCloud {
  stackName: string;
  /** The stack's outputs, and `AwsEndpointUrl`. */
  outputs: Record<string, string>;
  /** What the template made, by resource type. */
  resourceCounts: { functions: number; tables: number };
  stop(): Promise<void>;
}

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

/**
 * @throws UnsupportedTemplateError, PortInUseError, DataDirectoryInUseError, TableChangedError
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const closers: (() => void | Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return { ...(await boot(options, close => closers.push(close))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type OnStop = (close: () => void | Promise<void>) => void;

/** What every service is given. */
interface Ground {
  stack: Stack;
  data: DataDirectory;
  clock: Clock;
  limits: Limits;
  faults: Faults;
  metrics: EmbeddedMetrics;
  onLog: (functionName: string, line: string) => void;
  onError: (message: string) => void;
  onStop: OnStop;
}

/** Starts the services, each after those it needs; `onStop` collects how to end them, in the reverse order. */
async function boot(options: LocalCloudOptions, onStop: OnStop): Promise<Omit<LocalCloud, 'stop'>> {
  const assembly = readAssembly(options.assemblyDirectory);
  // The port first: addresses are part of the functions' environment and of the queues' URLs.
  const edge = await EdgeServer.listen(options.port ?? 4566);
  onStop(() => edge.close());
  const data = new DataDirectory(options.dataDirectory, { fresh: options.fresh ?? false });
  onStop(() => data.close());
  const stack = new Stack(assembly, namingFor(`http://127.0.0.1:${edge.port}`, assembly.stackName, data));
  const ground: Ground = {
    stack,
    data,
    clock: options.clock ?? createClock(),
    limits: { ...awsLimits, ...options.limits },
    faults: options.faults ?? {},
    metrics: new EmbeddedMetrics(),
    onLog: options.onLog ?? (() => {}),
    onError: options.onError ?? console.error,
    onStop,
  };

  const stores = await openStores(ground);
  const functions = definitions.functionDefinitions(stack);
  const access = new AccessControl(stack, functions);
  const lambda = createLambda(ground, functions, access, stores.queues);
  const buses = createBuses(ground, access, lambda, stores.queues);
  const apis = createApis(ground, access, lambda);
  const aws = new AwsRequests({
    access,
    clock: ground.clock,
    scope: { account: ACCOUNT, region: REGION, webSocketApi: apis.webSocketDefinition },
    services: {
      dynamodb: async request =>
        tableFault(request, ground.faults.table) ?? (await stores.tables.handle(request)),
      events: request => handleEventsRequest(buses, request),
      sqs: request => stores.queues.handle(request),
      kms: request => stores.keys.handle(request),
      lambda: request => lambda.handleInvokeRequest(request),
      'execute-api': request => apis.webSocket?.handleConnectionsRequest(request) ?? NOT_FOUND,
    },
  });
  lambda.start();
  buses.start();
  startEventSources({ ...ground, ...stores, access, lambda, region: REGION });
  const description = describe(ground);
  const { localRoutes = {} } = options;
  const { outputs } = description;
  edge.serve({
    request: async request =>
      (await aws.handle(request)) ??
      answerMetrics(request, ground.metrics) ??
      (await answerLocalRoute(request, localRoutes, outputs)) ??
      (await apis.http?.handle(request)) ??
      NOT_FOUND,
    upgrade(request, socket, head) {
      if (apis.webSocket) apis.webSocket.handleUpgrade(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    },
    failed: error => ground.onError(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  return description;
}

/** What lasts: tables, queues, keys. */
async function openStores({ stack, data, clock, onStop }: Ground) {
  const streams = { region: REGION, now: () => clock.now() };
  const tables = await TableService.open(data.file('dynamodb'), definitions.tableDefinitions(stack), streams);
  onStop(() => tables.close());
  const queues = await QueueService.open(definitions.queueDefinitions(stack), {
    dataDirectory: data.file('sqs'),
    region: REGION,
    endpoint: stack.naming.endpoint,
  });
  onStop(() => queues.close());
  return { tables, queues, keys: new KeyService(data.file('kms'), definitions.keyDefinitions(stack)) };
}

function createLambda(
  { stack, data, clock, limits, faults, metrics, onLog, onError, onStop }: Ground,
  functions: FunctionDefinition[],
  access: AccessControl,
  queues: QueueService,
): LambdaService {
  const lambda = createLambdaService(functions, {
    clock,
    limits,
    faults,
    database: data.database,
    endpointUrl: () => stack.naming.endpoint,
    accountId: ACCOUNT,
    region: REGION,
    log(functionName, line) {
      data.log(functionName, line);
      metrics.take(line);
      onLog(functionName, line);
    },
    async sendToDestination(functionArn, queueArn, body, attributes) {
      const refusal = access.functionRefusal(functionArn, 'sqs:SendMessage', queueArn);
      if (refusal === undefined) await queues.send(queueArn, body, attributes);
      else onError(`a failed event is lost: ${refusal}`);
    },
  });
  onStop(() => lambda.stop());
  return lambda;
}

function createBuses(
  { stack, data, clock, onError, onStop }: Ground,
  access: AccessControl,
  lambda: LambdaService,
  queues: QueueService,
): EventBuses {
  const events = 'events.amazonaws.com';
  const buses = new EventBuses(definitions.busNames(stack), definitions.ruleDefinitions(stack), {
    database: data.database,
    clock,
    account: ACCOUNT,
    region: REGION,
    deliver(ruleArn, targetArn, event) {
      const refusal = access.serviceRefusal(events, ruleArn, 'lambda:InvokeFunction', targetArn);
      if (refusal !== undefined) throw new DeliveryError('NO_PERMISSIONS', refusal, false);
      lambda.invokeAsync(targetArn, event);
    },
    async sendToDeadLetterQueue(ruleArn, queueArn, body, attributes) {
      const refusal = access.serviceRefusal(events, ruleArn, 'sqs:SendMessage', queueArn);
      if (refusal === undefined) await queues.send(queueArn, body, attributes);
      else onError(`an undeliverable event is lost: ${refusal}`);
    },
  });
  onStop(() => buses.stop());
  return buses;
}

function createApis(
  { stack, clock, limits, faults, onError, onStop }: Ground,
  access: AccessControl,
  lambda: LambdaService,
) {
  const dependencies: GatewayDependencies = {
    async invoke(functionArn, event, { sourceArn }) {
      const refusal = access.serviceRefusal(
        'apigateway.amazonaws.com',
        sourceArn,
        'lambda:InvokeFunction',
        functionArn,
      );
      if (refusal === undefined) return lambda.invoke(functionArn, event);
      onError(refusal);
      return { functionError: { errorType: 'AccessDeniedException', errorMessage: refusal } };
    },
    clock,
    limits,
    faults,
    requests: new TokenBucket(clock, limits.requests),
    log: onError,
    accountId: ACCOUNT,
    region: REGION,
  };
  const webSocketDefinition = only(definitions.webSocketApiDefinitions(stack), 'WebSocket API');
  const httpDefinition = only(definitions.httpApiDefinitions(stack), 'HTTP API');
  const webSocket = webSocketDefinition && createWebSocketApi(webSocketDefinition, dependencies);
  if (webSocket) onStop(() => webSocket.close());
  return {
    webSocketDefinition,
    webSocket,
    http: httpDefinition && createHttpApi(httpDefinition, dependencies),
  };
}

/** Tells the outside where everything is, in the shape of `cdk deploy --outputs-file`. */
function describe({ stack, data }: Ground): Omit<LocalCloud, 'stop'> {
  const outputs = {
    ...definitions.withLocalAddresses(stack.outputs(), stack),
    AwsEndpointUrl: stack.naming.endpoint,
  };
  data.write('outputs.json', { [stack.name]: outputs });
  const resourceCounts = {
    functions: stack.resources('AWS::Lambda::Function').length,
    tables: stack.resources('AWS::DynamoDB::GlobalTable').length,
  };
  return { stackName: stack.name, outputs, resourceCounts };
}

const NOT_FOUND = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Not Found"}',
};

function namingFor(endpoint: string, stackName: string, data: DataDirectory): Naming {
  return {
    account: ACCOUNT,
    region: REGION,
    endpoint,
    nameOf: logicalId => `${stackName}-${logicalId}`,
    randomIdOf: (logicalId, kind) => data.randomId(logicalId, kind),
  };
}

function only<T>(found: readonly T[], what: string): T | undefined {
  if (found.length > 1)
    throw new UnsupportedTemplateError(`the local cloud runs one ${what}, not ${found.length}`);
  return found[0];
}
