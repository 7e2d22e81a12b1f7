/** How the services of a template are put together: each is given what it needs of the others, and asks IAM before it acts. */
import { createHttpApi } from './apigateway/http/http-service.ts';
import type { GatewayDependencies } from './apigateway/types.ts';
import { createWebSocketApi } from './apigateway/websocket/websocket-api.ts';
import { UnsupportedTemplateError } from './assembly/assembly.ts';
import * as definitions from './assembly/definitions.ts';
import type { Stack } from './assembly/stack.ts';
import type { Clock } from './cloud-clock.ts';
import type { Faults, Limits } from './cloud-options.ts';
import type { EmbeddedMetrics } from './cloudwatch/embedded-metrics.ts';
import type { DataDirectory } from './data-directory.ts';
import { TableChangedError, TableService } from './dynamodb/table-service.ts';
import type { AccessControl } from './edge/access-control.ts';
import { DeliveryError, EventBuses } from './eventbridge/event-bus.ts';
import { KeyService } from './kms/key-service.ts';
import type { FunctionDefinition } from './lambda/function-definition.ts';
import { createLambdaService, type LambdaService } from './lambda/lambda-service.ts';
import { QueueService } from './sqs/queue-service.ts';
import { opening, storageError } from './storage-error.ts';
import { TokenBucket } from './token-bucket.ts';
import { logEventBytes, type Usage } from './usage.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export type OnStop = (close: () => void | Promise<void>) => void;

/** What every service is given. */
export interface Ground {
  stack: Stack;
  data: DataDirectory;
  clock: Clock;
  limits: Limits;
  faults: Faults;
  metrics: EmbeddedMetrics;
  usage: Usage;
  onLog: (functionName: string, line: string) => void;
  onError: (message: string) => void;
  onStop: OnStop;
}

/** What lasts: tables, queues, keys. */
export async function openStores({ stack, data, clock, limits, usage, onError, onStop }: Ground) {
  const complain = once(onError);
  const now = () => clock.now();
  const options = {
    region: REGION,
    now,
    capacity: { usage, limits, now, tablesArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/` },
    onError: (error: unknown) => complain(storageError(data.file('dynamodb'), error).message),
  };
  const directory = data.directory('dynamodb');
  const tables = await opening(
    directory,
    () => TableService.open(directory, definitions.tableDefinitions(stack), options),
    error => error instanceof TableChangedError,
  );
  onStop(() => tables.close());
  const dataDirectory = data.directory('sqs');
  const endpoint = stack.naming.endpoint;
  const queues = await opening(dataDirectory, () =>
    QueueService.open(definitions.queueDefinitions(stack), {
      dataDirectory,
      region: REGION,
      endpoint,
      usage,
    }),
  );
  onStop(() => queues.close());
  return { tables, queues, keys: new KeyService(data.file('kms'), definitions.keyDefinitions(stack)) };
}

/** Says each thing once: a full disk is met by every line of a log. */
function once(say: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return message => {
    if (said.has(message)) return;
    said.add(message);
    say(message);
  };
}

export function createLambda(
  { stack, data, clock, limits, faults, metrics, usage, onLog, onError, onStop }: Ground,
  functions: FunctionDefinition[],
  access: AccessControl,
  queues: QueueService,
): LambdaService {
  const complain = once(onError);
  const lambda = createLambdaService(functions, {
    clock,
    limits,
    faults,
    usage,
    database: data.database,
    endpointUrl: () => stack.naming.endpoint,
    accountId: ACCOUNT,
    region: REGION,
    log(functionName, line) {
      try {
        data.log(functionName, line);
      } catch (error) {
        complain(storageError(data.path, error).message);
      }
      metrics.take(line);
      usage.add('logByte', logEventBytes(line));
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

export function createBuses(
  { stack, data, clock, usage, onError, onStop }: Ground,
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
    usage,
    async deliver(ruleArn, targetArn, event) {
      const isQueue = targetArn.startsWith('arn:aws:sqs:');
      const action = isQueue ? 'sqs:SendMessage' : 'lambda:InvokeFunction';
      const refusal = access.serviceRefusal(events, ruleArn, action, targetArn);
      if (refusal !== undefined) throw new DeliveryError('NO_PERMISSIONS', refusal, false);
      if (isQueue) await queues.send(targetArn, JSON.stringify(event), {});
      else lambda.invokeAsync(targetArn, event);
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

export function createApis(
  { stack, clock, limits, faults, usage, onError, onStop }: Ground,
  access: AccessControl,
  lambda: LambdaService,
) {
  const dependencies: GatewayDependencies = {
    async invoke(functionArn, event, { isThere, sourceArn }) {
      const refusal = access.serviceRefusal(
        'apigateway.amazonaws.com',
        sourceArn,
        'lambda:InvokeFunction',
        functionArn,
      );
      if (refusal === undefined) return lambda.invoke(functionArn, event, isThere);
      onError(refusal);
      return { functionError: { errorType: 'AccessDeniedException', errorMessage: refusal } };
    },
    clock,
    limits,
    faults,
    usage,
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

function only<T>(found: readonly T[], what: string): T | undefined {
  if (found.length > 1)
    throw new UnsupportedTemplateError(`the local cloud runs one ${what}, not ${found.length}`);
  return found[0];
}
