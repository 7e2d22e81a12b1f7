/** From a template's event source mappings to what Lambda is told to poll: queues and tables' streams. */
import type { StreamEventSourceDefinition } from '../dynamodb/stream-event-source.ts';
import { type EventPattern, InvalidEventPatternError, parseEventPattern } from '../eventbridge/pattern.ts';
import type { EventSourceDefinition } from '../sqs/event-source.ts';
import { UnsupportedTemplateError } from './assembly.ts';
import type { ResolvedProperties, Stack } from './stack.ts';

/** What has its effect with either kind of source; tags have none. */
const OF_ANY = ['BatchSize', 'Enabled', 'EventSourceArn', 'FunctionName', 'Tags'];
const OF_QUEUES = new Set([...OF_ANY, 'FunctionResponseTypes']);
const OF_STREAMS = new Set([
  ...[
    ...OF_ANY,
    'BisectBatchOnFunctionError',
    'DestinationConfig',
    'FilterCriteria',
    'MaximumBatchingWindowInSeconds',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
  ],
  'StartingPosition',
]);

interface Mapping {
  logicalId: string;
  functionArn: string;
  properties: ResolvedProperties;
}

export function queueSourceDefinitions(stack: Stack): EventSourceDefinition[] {
  return mappingsOf(stack, 'sqs', OF_QUEUES).map(({ functionArn, properties }) => ({
    queueArn: properties.EventSourceArn,
    functionArn,
    batchSize: properties.BatchSize ?? 10,
    reportsBatchItemFailures: (properties.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
  }));
}

export function streamSourceDefinitions(stack: Stack): StreamEventSourceDefinition[] {
  return mappingsOf(stack, 'dynamodb', OF_STREAMS).map(({ logicalId, functionArn, properties }) => {
    const { StartingPosition } = properties;
    if (StartingPosition !== 'LATEST' && StartingPosition !== 'TRIM_HORIZON') {
      throw new UnsupportedTemplateError(
        `${logicalId}: the local cloud can't honour StartingPosition ${StartingPosition}, but LATEST and TRIM_HORIZON`,
      );
    }
    return {
      name: logicalId,
      // What reads a stream from its beginning is to miss nothing, also over a restart.
      isLasting: StartingPosition === 'TRIM_HORIZON',
      bisects: properties.BisectBatchOnFunctionError === true,
      onFailure: properties.DestinationConfig?.OnFailure?.Destination,
      streamArn: properties.EventSourceArn,
      functionArn,
      batchSize: properties.BatchSize ?? 100,
      filters: filtersOf(logicalId, properties),
      windowSeconds: properties.MaximumBatchingWindowInSeconds ?? 0,
      maximumRetryAttempts: properties.MaximumRetryAttempts ?? -1,
      maximumRecordAgeSeconds: properties.MaximumRecordAgeInSeconds ?? -1,
    };
  });
}

/** Patterns of EventBridge's language, of which a record must match one ("Lambda event filtering"). */
function filtersOf(logicalId: string, { FilterCriteria }: ResolvedProperties): EventPattern[] | undefined {
  const filters = FilterCriteria?.Filters as { Pattern: string }[] | undefined;
  try {
    return filters?.map(({ Pattern }) => parseEventPattern(JSON.parse(Pattern)));
  } catch (error) {
    if (!(error instanceof InvalidEventPatternError || error instanceof SyntaxError)) throw error;
    throw new UnsupportedTemplateError(
      `${logicalId}: a pattern of its FilterCriteria is none: ${error.message}`,
    );
  }
}

/** @throws UnsupportedTemplateError naming a source of another kind, or a property that this kind can't honour */
function mappingsOf(stack: Stack, service: 'sqs' | 'dynamodb', honoured: ReadonlySet<string>): Mapping[] {
  const functions = stack.resources('AWS::Lambda::Function');
  return stack
    .resources('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.Enabled !== false)
    .filter(({ logicalId, properties }) => serviceOf(logicalId, properties) === service)
    .map(({ logicalId, properties }) => {
      const unknown = Object.keys(properties).find(name => !honoured.has(name));
      if (unknown !== undefined) {
        throw new UnsupportedTemplateError(
          `${logicalId}: the local cloud can't honour the property ${unknown} of an event source of ${service}`,
        );
      }
      const { FunctionName } = properties;
      const functionArn = functions.find(({ ref }) => ref === FunctionName)?.arn ?? FunctionName;
      return { logicalId, functionArn, properties };
    });
}

function serviceOf(logicalId: string, { EventSourceArn }: ResolvedProperties): 'sqs' | 'dynamodb' {
  const service = String(EventSourceArn).split(':')[2];
  if (service === 'sqs' || service === 'dynamodb') return service;
  throw new UnsupportedTemplateError(
    `${logicalId}: the local cloud has event sources of SQS and DynamoDB only`,
  );
}
