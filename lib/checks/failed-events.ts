/**
 * What fails must be found again: an event in a queue that keeps it for as long as SQS can, a message of a queue by itself
 * and not while its first attempt still runs. AWS accepts all else, and loses or repeats silently.
 */
import {
  attributeOf,
  type Finding,
  listOf,
  type Properties,
  refOf,
  resourcesOf,
  type Template,
  valuesAt,
} from './template.ts';

/** Lambda's default. */
const TIMEOUT_SECONDS = 3;
/** "Configuring a queue to use with Lambda". */
const VISIBILITY_FACTOR = 6;
/** SQS's defaults, and the longest that it keeps a message. */
const VISIBILITY_SECONDS = 30;
const FOURTEEN_DAYS_SECONDS = 1_209_600;

export function failedEvents(template: Template): Finding[] {
  return [...unqueued(template), ...forgetful(template), ...polledQueues(template)];
}

/** Failed events that no queue keeps. A schedule needs none: its next run makes up for one that failed. */
function unqueued(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Events::Rule')
    .filter(({ properties }) => properties.EventPattern !== undefined)
    .flatMap(({ logicalId, properties }) =>
      listOf<Properties>(properties.Targets).flatMap(({ Arn, DeadLetterConfig }) => {
        const found: Finding[] = [];
        if (DeadLetterConfig === undefined) {
          const problem = 'EventBridge drops an event that it fails to hand over: add a DeadLetterConfig';
          found.push({ logicalId, at: 'Properties.Targets', problem });
        }
        const handler = attributeOf(Arn)?.logicalId ?? '';
        const isFunction = template.Resources[handler]?.Type === 'AWS::Lambda::Function';
        if (isFunction && !hasFailureQueue(template, handler)) {
          const problem = 'Lambda drops an event that fails: add an EventInvokeConfig with OnFailure';
          found.push({ logicalId: handler, at: 'Properties', problem });
        }
        return found;
      }),
    );
}

function hasFailureQueue(template: Template, handler: string): boolean {
  return (
    template.Resources[handler]?.Properties?.DeadLetterConfig !== undefined ||
    resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').some(
      ({ properties }) =>
        refOf(properties.FunctionName) === handler && properties.DestinationConfig?.OnFailure !== undefined,
    )
  );
}

/** Queues of dead letters that keep them for less time than they could. */
function forgetful(template: Template): Finding[] {
  const paths = [
    ...['DeadLetterConfig.Arn', 'DeadLetterConfig.TargetArn', 'Targets[].DeadLetterConfig.Arn'],
    ...['RedrivePolicy.deadLetterTargetArn', 'DestinationConfig.OnFailure.Destination'],
  ];
  const named = Object.values(template.Resources)
    .flatMap(({ Properties: properties }) => paths.flatMap(path => valuesAt(properties, path)))
    .map(arn => attributeOf(arn)?.logicalId);
  return resourcesOf(template, 'AWS::SQS::Queue')
    .filter(({ logicalId }) => named.includes(logicalId))
    .filter(({ properties }) => properties.MessageRetentionPeriod !== FOURTEEN_DAYS_SECONDS)
    .map(({ logicalId }) => ({
      logicalId,
      at: 'Properties.MessageRetentionPeriod',
      problem: `must be ${FOURTEEN_DAYS_SECONDS}: dead letters wait for somebody to look`,
    }));
}

function polledQueues(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(({ logicalId, properties }) => {
    const source = attributeOf(properties.EventSourceArn)?.logicalId ?? '';
    const queue = template.Resources[source];
    if (queue?.Type !== 'AWS::SQS::Queue') return [];
    const found: Finding[] = [];
    if (!listOf<string>(properties.FunctionResponseTypes).includes('ReportBatchItemFailures')) {
      const problem = 'one message that fails repeats its whole batch: add ReportBatchItemFailures';
      found.push({ logicalId, at: 'Properties.FunctionResponseTypes', problem });
    }
    const handler = template.Resources[refOf(properties.FunctionName) ?? ''];
    const least = VISIBILITY_FACTOR * (handler?.Properties?.Timeout ?? TIMEOUT_SECONDS);
    if ((queue.Properties?.VisibilityTimeout ?? VISIBILITY_SECONDS) < least) {
      const problem = `must be ${least} or more: six times the timeout of the function that reads the queue`;
      found.push({ logicalId: source, at: 'Properties.VisibilityTimeout', problem });
    }
    return found;
  });
}
