/**
 * Boots what `cdk synth` wrote, on one loopback port: the very template, with its roles, limits, retries and queues.
 * It knows nothing of the system but that template, and keeps what must last in its data directory.
 */
import { createHttpApi } from './apigateway/http-api.ts';
import type { GatewayDependencies } from './apigateway/types.ts';
import { createWebSocketApi } from './apigateway/websocket-api.ts';
import { readAssembly, UnsupportedTemplateError } from './assembly/assembly.ts';
import * as definitions from './assembly/definitions.ts';
import type { Naming } from './assembly/resource-types.ts';
import { Stack } from './assembly/stack.ts';
import { type AdjustableClock, type Clock, createClock } from './clock.ts';
import { DataDirectory } from './data-directory.ts';
import { TableService } from './dynamodb/table-service.ts';
import { AccessControl } from './edge/access-control.ts';
import { AwsRequests } from './edge/aws-requests.ts';
import { EdgeServer } from './edge/server.ts';
import { DeliveryError, EventBuses } from './eventbridge/event-bus.ts';
import { handleEventsRequest } from './eventbridge/event-requests.ts';
import { KeyService } from './kms/key-service.ts';
import { createLambdaService } from './lambda/lambda-service.ts';
import { awsLimits, type Faults, type Limits } from './options.ts';
import { EventSource } from './sqs/event-source.ts';
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

/** Starts the services, each after those it needs; `onStop` collects how to end them, in the reverse order. */
async function boot(
  options: LocalCloudOptions,
  onStop: (close: () => void | Promise<void>) => void,
): Promise<Omit<LocalCloud, 'stop'>> {
  const { port = 4566, faults = {}, onError = console.error, onLog = () => {} } = options;
  const clock: Clock = options.clock ?? createClock();
  const limits: Limits = { ...awsLimits, ...options.limits };
  const assembly = readAssembly(options.assemblyDirectory);

  // The port first: addresses are part of the functions' environment and of the queues' URLs.
  const edge = await EdgeServer.listen(port);
  onStop(() => edge.close());
  const data = new DataDirectory(options.dataDirectory, { fresh: options.fresh ?? false });
  const { database } = data;
  onStop(() => data.close());
  const stack = new Stack(assembly, namingFor(`http://127.0.0.1:${edge.port}`, assembly.stackName, data));
  const { naming } = stack;

  const tables = await TableService.open(data.file('dynamodb'), definitions.tableDefinitions(stack));
  onStop(() => tables.close());
  const queues = await QueueService.open(definitions.queueDefinitions(stack), {
    dataDirectory: data.file('sqs'),
    region: REGION,
    endpoint: naming.endpoint,
  });
  onStop(() => queues.close());
  const keys = new KeyService(data.file('kms'), definitions.keyDefinitions(stack));

  const functions = definitions.functionDefinitions(stack);
  const access = new AccessControl(stack, functions);
  const lambda = createLambdaService(functions, {
    clock,
    limits,
    faults,
    database,
    endpointUrl: () => naming.endpoint,
    accountId: ACCOUNT,
    region: REGION,
    log(functionName, line) {
      data.log(functionName, line);
      onLog(functionName, line);
    },
    async sendToDestination(functionArn, queueArn, body, attributes) {
      const refusal = access.functionRefusal(functionArn, 'sqs:SendMessage', queueArn);
      if (refusal === undefined) await queues.send(queueArn, body, attributes);
      else onError(`a failed event is lost: ${refusal}`);
    },
  });
  onStop(() => lambda.stop());

  const buses = new EventBuses(definitions.busNames(stack), definitions.ruleDefinitions(stack), {
    database,
    clock,
    account: ACCOUNT,
    region: REGION,
    deliver(ruleArn, targetArn, event) {
      const refusal = access.serviceRefusal(
        'events.amazonaws.com',
        ruleArn,
        'lambda:InvokeFunction',
        targetArn,
      );
      if (refusal !== undefined) throw new DeliveryError('NO_PERMISSIONS', refusal, false);
      lambda.invokeAsync(targetArn, event);
    },
    async sendToDeadLetterQueue(ruleArn, queueArn, body, attributes) {
      const refusal = access.serviceRefusal('events.amazonaws.com', ruleArn, 'sqs:SendMessage', queueArn);
      if (refusal === undefined) await queues.send(queueArn, body, attributes);
      else onError(`an undeliverable event is lost: ${refusal}`);
    },
  });
  onStop(() => buses.stop());

  const gateway: GatewayDependencies = {
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
  const webSocket = only(definitions.webSocketApiDefinitions(stack), 'WebSocket API');
  const http = only(definitions.httpApiDefinitions(stack), 'HTTP API');
  const webSocketApi = webSocket && createWebSocketApi(webSocket, gateway);
  const httpApi = http && createHttpApi(http, gateway);
  if (webSocketApi) onStop(() => webSocketApi.close());

  const aws = new AwsRequests({
    access,
    clock,
    scope: { account: ACCOUNT, region: REGION, webSocketApi: webSocket },
    services: {
      dynamodb: request => tables.handle(request),
      events: request => handleEventsRequest(buses, request),
      sqs: request => queues.handle(request),
      kms: request => keys.handle(request),
      lambda: request => lambda.handleInvokeRequest(request),
      'execute-api': request => webSocketApi?.handleConnectionsRequest(request) ?? NOT_FOUND,
    },
  });
  lambda.start();
  buses.start();
  for (const definition of definitions.eventSourceDefinitions(stack)) {
    const refusal = access.functionRefusal(definition.functionArn, 'sqs:ReceiveMessage', definition.queueArn);
    if (refusal !== undefined) throw new UnsupportedTemplateError(`event source: ${refusal}`);
    const source = new EventSource(definition, {
      queues,
      region: REGION,
      invoke: (functionArn, event) => lambda.invoke(functionArn, event),
      log: onError,
    });
    source.start();
    onStop(() => source.stop());
  }
  edge.serve({
    request: async request => (await aws.handle(request)) ?? (await httpApi?.handle(request)) ?? NOT_FOUND,
    upgrade(request, socket, head) {
      if (webSocketApi) webSocketApi.handleUpgrade(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    },
    failed: error => onError(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });

  const outputs = {
    ...definitions.withLocalAddresses(stack.outputs(), stack),
    AwsEndpointUrl: naming.endpoint,
  };
  data.write('outputs.json', { [stack.name]: outputs });
  const resourceCounts = { functions: functions.length, tables: definitions.tableDefinitions(stack).length };
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
