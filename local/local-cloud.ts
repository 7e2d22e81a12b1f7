/**
 * Boots what `cdk synth` wrote, on one loopback port: the very template, with its roles, limits, retries and queues.
 * It knows nothing of the system but that template, and keeps what must last in its data directory.
 */
import { readAssembly } from './assembly/assembly.ts';
import * as definitions from './assembly/definitions.ts';
import type { Naming } from './assembly/resource-types.ts';
import { Stack } from './assembly/stack.ts';
import { Meter } from './billing/meter.ts';
import { type Bill, billOf } from './billing/priced-usage.ts';
import { type Clock, createClock } from './cloud-clock.ts';
import { awsLimits, type Faults, type Limits, type LocalRoutes } from './cloud-options.ts';
import { EmbeddedMetrics } from './cloudwatch/embedded-metrics.ts';
import { DataDirectory } from './data-directory.ts';
import { tableFault } from './dynamodb/table-faults.ts';
import { AccessControl } from './edge/access-control.ts';
import { AwsRequests } from './edge/aws-requests.ts';
import { answerBill } from './edge/bill-route.ts';
import { answerEvents } from './edge/events-route.ts';
import { answerLocalRoute } from './edge/local-routes.ts';
import { answerMetrics } from './edge/metrics-route.ts';
import { startEventSources } from './edge/polled-sources.ts';
import { EdgeServer } from './edge/server.ts';
import { handleEventsRequest } from './eventbridge/event-requests.ts';
import { StorageError } from './storage-error.ts';
import {
  ACCOUNT,
  createApis,
  createBuses,
  createLambda,
  type Ground,
  type OnStop,
  openStores,
  REGION,
} from './wiring.ts';

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
  clock?: Clock;
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
  /** What everything since the start would have cost on AWS. */
  bill(): Bill;
  /**
   * Waits until no invocation of a function is under way. Whoever moves a clock of their own by minutes would else have one
   * take longer than its timeout.
   *
   * @param functionName as `onLog` tells it
   */
  settle(functionName: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @throws UnsupportedTemplateError, PortInUseError, DataDirectoryInUseError, StorageError, TableChangedError
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

/** Starts the services, each after those it needs; `onStop` collects how to end them, in the reverse order. */
async function boot(options: LocalCloudOptions, onStop: OnStop): Promise<Omit<LocalCloud, 'stop'>> {
  const assembly = readAssembly(options.assemblyDirectory);
  // The port first: addresses are part of the functions' environment and of the queues' URLs.
  const edge = await EdgeServer.listen(options.port ?? 4566);
  onStop(() => edge.close());
  const data = new DataDirectory(options.dataDirectory, { fresh: options.fresh ?? false });
  onStop(() => data.close());
  const stack = new Stack(assembly, namingFor(`http://127.0.0.1:${edge.port}`, assembly.stackName, data));
  const clock = options.clock ?? createClock();
  const usage = new Meter(clock);
  const ground: Ground = {
    stack,
    data,
    clock,
    limits: { ...awsLimits, ...options.limits },
    faults: options.faults ?? {},
    metrics: new EmbeddedMetrics(),
    usage,
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
      kms(request) {
        usage.add('keyRequest');
        return stores.keys.handle(request);
      },
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
      answerBill(request, usage) ??
      answerEvents(request, buses.record) ??
      (await answerLocalRoute(request, localRoutes, outputs)) ??
      (await apis.http?.handle(request)) ??
      NOT_FOUND,
    upgrade(request, socket, head) {
      if (apis.webSocket) apis.webSocket.handleUpgrade(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    },
    failed: error => ground.onError(describeFailure(error)),
  });
  return { ...description, bill: () => billOf(usage), settle: name => lambda.settle(name) };
}

/** Tells the outside where everything is, in the shape of `cdk deploy --outputs-file`. */
function describe({ stack, data }: Ground): Omit<LocalCloud, 'bill' | 'settle' | 'stop'> {
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

/** The disk's faults say all in a sentence; of others, which are the local cloud's own, the place matters. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof StorageError ? error.message : (error.stack ?? error.message);
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
