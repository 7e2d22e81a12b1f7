/**
 * Who sends to a queue needs permission: EventBridge by the queue's own policy, Lambda by the function's role. CDK writes
 * only some of these policies, and without one a dead letter is lost silently.
 */
import { actionsOf, grantsTo } from './policies.ts';
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

interface Delivery {
  readonly logicalId: string;
  readonly at: string;
  readonly queue: string;
}

export function queues(template: Template): Finding[] {
  return [...fromEventBridge(template), ...fromFunctions(template)];
}

/** Queues as targets and as dead-letter queues, of rules and of buses. */
function fromEventBridge(template: Template): Finding[] {
  const paths = ['Targets[].Arn', 'Targets[].DeadLetterConfig.Arn', 'DeadLetterConfig.Arn'];
  return deliveries(template, ['AWS::Events::Rule', 'AWS::Events::EventBus'], paths)
    .filter(({ logicalId, queue }) => !queuePolicyLetsIn(template, queue, logicalId))
    .map(({ logicalId, at, queue }) => ({
      logicalId,
      at,
      problem: `the policy of ${queue} doesn't let events.amazonaws.com send from here`,
    }));
}

function queuePolicyLetsIn(template: Template, queue: string, source: string): boolean {
  return resourcesOf(template, 'AWS::SQS::QueuePolicy')
    .filter(({ properties }) => listOf<unknown>(properties.Queues).some(value => refOf(value) === queue))
    .flatMap(({ properties }) => listOf<Properties>(properties.PolicyDocument?.Statement))
    .some(
      statement =>
        statement.Effect === 'Allow' &&
        listOf<unknown>(statement.Principal?.Service).includes('events.amazonaws.com') &&
        actionsOf(statement).includes('sqs:SendMessage') &&
        sourceFits(statement.Condition, source),
    );
}

/** Whether the statement holds for this source. */
function sourceFits(condition: Properties | undefined, source: string): boolean {
  if (condition === undefined) return true;
  return Object.values(condition).some(test =>
    listOf<unknown>(test['aws:SourceArn']).some(value => attributeOf(value)?.logicalId === source),
  );
}

/** Queues where a function's failed events end. */
function fromFunctions(template: Template): Finding[] {
  const invokeConfigs = deliveries(
    template,
    ['AWS::Lambda::EventInvokeConfig', 'AWS::Lambda::EventSourceMapping'],
    ['DestinationConfig.OnFailure.Destination', 'DestinationConfig.OnSuccess.Destination'],
  ).map(delivery => ({ ...delivery, handler: refOf(propertiesOf(template, delivery).FunctionName) }));
  const functions = deliveries(template, ['AWS::Lambda::Function'], ['DeadLetterConfig.TargetArn']).map(
    delivery => ({ ...delivery, handler: delivery.logicalId }),
  );
  return [...invokeConfigs, ...functions]
    .filter(({ handler, queue }) => handler !== undefined && !roleMaySend(template, handler, queue))
    .map(({ logicalId, at, handler, queue }) => ({
      logicalId,
      at,
      problem: `the role of ${handler} may not send to ${queue}`,
    }));
}

function roleMaySend(template: Template, handler: string, queue: string): boolean {
  return grantsTo(template, handler).some(
    ({ Resource, ...statement }) =>
      actionsOf(statement).includes('sqs:SendMessage') &&
      listOf<unknown>(Resource).some(value => attributeOf(value)?.logicalId === queue),
  );
}

function deliveries(template: Template, types: string[], paths: string[]): Delivery[] {
  return resourcesOf(template, ...types).flatMap(({ logicalId, properties }) =>
    paths.flatMap(path =>
      valuesAt(properties, path)
        .filter(value => typeOf(template, value) === 'AWS::SQS::Queue')
        .map(value => ({
          logicalId,
          at: `Properties.${path}`,
          queue: attributeOf(value)?.logicalId ?? '',
        })),
    ),
  );
}

function propertiesOf({ Resources }: Template, { logicalId }: { logicalId: string }): Properties {
  return Resources[logicalId]?.Properties ?? {};
}

function typeOf({ Resources }: Template, arn: unknown): string | undefined {
  return Resources[attributeOf(arn)?.logicalId ?? '']?.Type;
}
