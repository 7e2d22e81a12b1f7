/** Starts what Lambda polls for the template's functions: their queues and their tables' streams. */
import { UnsupportedTemplateError } from '../assembly/assembly.ts';
import { queueSourceDefinitions, streamSourceDefinitions } from '../assembly/event-sources.ts';
import type { Stack } from '../assembly/stack.ts';
import type { Clock } from '../cloud-clock.ts';
import type { DataDirectory } from '../data-directory.ts';
import { StreamBacklog } from '../dynamodb/stream-backlog.ts';
import { StreamEventSource } from '../dynamodb/stream-event-source.ts';
import type { TableService } from '../dynamodb/table-service.ts';
import type { LambdaService } from '../lambda/lambda-service.ts';
import { EventSource } from '../sqs/event-source.ts';
import type { QueueService } from '../sqs/queue-service.ts';
import type { Usage } from '../usage.ts';
import type { AccessControl } from './access-control.ts';

export interface EventSourceGround {
  stack: Stack;
  access: AccessControl;
  clock: Clock;
  data: DataDirectory;
  lambda: LambdaService;
  queues: QueueService;
  tables: TableService;
  region: string;
  usage: Usage;
  onError: (message: string) => void;
  onStop: (close: () => void) => void;
}

/** @throws UnsupportedTemplateError where a function's role may not read its source, or a source can't be honoured */
export function startEventSources(ground: EventSourceGround): void {
  const sources = [...queueSources(ground), ...streamSources(ground)];
  for (const source of sources) {
    source.start();
    ground.onStop(() => source.stop());
  }
}

function queueSources({
  stack,
  access,
  lambda,
  onError,
  queues,
  region,
  usage,
}: EventSourceGround): EventSource[] {
  return queueSourceDefinitions(stack).map(definition => {
    const { functionArn, queueArn } = definition;
    refuseUnlessAllowed(access, functionArn, ['sqs:ReceiveMessage'], queueArn);
    const invoke = (name: string, event: unknown) => lambda.invoke(name, event);
    return new EventSource(definition, { queues, region, usage, invoke, log: onError });
  });
}

/** "Lambda needs the following permissions to manage resources related to your DynamoDB stream." */
const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

function streamSources(ground: EventSourceGround) {
  const { stack, access, clock, data, lambda, onError, queues, tables } = ground;
  return streamSourceDefinitions(stack).map(definition => {
    const { functionArn, streamArn } = definition;
    const actions = STREAM_ACTIONS.map(name => `dynamodb:${name}`);
    refuseUnlessAllowed(access, functionArn, actions, streamArn);
    const stream = tables.stream(streamArn);
    if (stream === undefined) throw new UnsupportedTemplateError(`event source: no table has ${streamArn}`);
    if (definition.onFailure !== undefined)
      refuseUnlessAllowed(access, functionArn, ['sqs:SendMessage'], definition.onFailure);
    return new StreamEventSource(definition, {
      stream,
      clock,
      backlog: definition.isLasting ? new StreamBacklog(data.database, definition.name) : undefined,
      isWritten: record => tables.isWritten(record),
      invoke: (name, event) => lambda.invokeJson(name, event),
      tell: (queueArn, body) => queues.send(queueArn, body, {}),
      log: onError,
    });
  });
}

function refuseUnlessAllowed(
  access: AccessControl,
  functionArn: string,
  actions: readonly string[],
  resource: string,
): void {
  for (const action of actions) {
    const refusal = access.functionRefusal(functionArn, action, resource);
    if (refusal !== undefined) throw new UnsupportedTemplateError(`event source: ${refusal}`);
  }
}
