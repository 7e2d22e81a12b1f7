/** Which metrics there are, and by which dimensions: a metric that there is not is taken everywhere, and shows nothing. */
import { METRIC_NAMESPACE, METRIC_SERVICE, metricUnits } from '../../../domain/metrics.ts';
import { Environment } from '../../../domain/names.ts';
import { attributeOf, refOf, resourcesOf, show, type Template, valuesAt } from '../template.ts';

export interface MetricReference {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly (readonly [name: string, value: unknown])[];
}

interface Namespace {
  readonly metrics: readonly string[];
  /** Names of the dimensions under which the metrics are written, each list sorted. */
  readonly dimensions: readonly (readonly string[])[];
}

/** Each service's page "… CloudWatch metrics", and our own. */
const namespaces: Readonly<Record<string, Namespace>> = {
  [METRIC_NAMESPACE]: { metrics: Object.keys(metricUnits), dimensions: [['service', 'stage']] },
  'AWS/ApiGateway': {
    metrics: [
      // WebSocket APIs
      ...[
        'ConnectCount',
        'MessageCount',
        'IntegrationError',
        'ClientError',
        'ExecutionError',
        'IntegrationLatency',
      ],
      // HTTP APIs
      ...['4xx', '5xx', 'Count', 'Latency', 'DataProcessed'],
    ],
    dimensions: [
      ['ApiId'],
      ['ApiId', 'Stage'],
      ['ApiId', 'Route', 'Stage'],
      ['ApiId', 'Method', 'Resource', 'Stage'],
    ],
  },
  'AWS/DynamoDB': {
    metrics: [
      ...['ConditionalCheckFailedRequests', 'ReadThrottleEvents', 'WriteThrottleEvents', 'ThrottledRequests'],
      ...['SystemErrors', 'UserErrors', 'SuccessfulRequestLatency', 'ConsumedReadCapacityUnits'],
      ...['ConsumedWriteCapacityUnits', 'TimeToLiveDeletedItemCount'],
    ],
    dimensions: [['TableName'], ['Operation', 'TableName'], ['GlobalSecondaryIndexName', 'TableName']],
  },
  'AWS/Events': {
    metrics: [
      ...['FailedInvocations', 'Invocations', 'InvocationAttempts', 'InvocationsFailedToBeSentToDlq'],
      ...['InvocationsSentToDlq', 'MatchedEvents', 'RetryInvocationAttempts', 'SuccessfulInvocationAttempts'],
      ...['ThrottledRules', 'TriggeredRules', 'DeadLetterInvocations', 'IngestionToInvocationStartLatency'],
    ],
    // The rule's name alone is for rules of the default bus.
    dimensions: [['RuleName'], ['EventBusName', 'RuleName'], ['EventBusName']],
  },
  'AWS/Lambda': {
    metrics: [
      ...['Errors', 'Throttles', 'Invocations', 'Duration', 'ConcurrentExecutions', 'IteratorAge'],
      ...['AsyncEventsReceived', 'AsyncEventAge', 'AsyncEventsDropped', 'DeadLetterErrors'],
      ...['DestinationDeliveryFailures', 'PolledEventCount', 'FailedInvokeEventCount', 'DroppedEventCount'],
    ],
    dimensions: [['FunctionName'], ['FunctionName', 'Resource'], ['EventSourceMappingUUID', 'FunctionName']],
  },
  'AWS/SQS': {
    metrics: [
      ...['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
      ...['ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
      ...['NumberOfMessagesSent', 'NumberOfMessagesReceived', 'NumberOfMessagesDeleted', 'SentMessageSize'],
    ],
    dimensions: [['QueueName']],
  },
};

/** What `Ref` of these answers is the dimension; of a queue it is a URL, and of a rule on its own bus `BUS|RULE`. */
const namedByRef: Readonly<Record<string, string>> = {
  ApiId: 'AWS::ApiGatewayV2::Api',
  EventBusName: 'AWS::Events::EventBus',
  FunctionName: 'AWS::Lambda::Function',
  Stage: 'AWS::ApiGatewayV2::Stage',
  TableName: 'AWS::DynamoDB::GlobalTable',
};

/** What is wrong with a metric that something watches. */
export function metricProblems(metric: MetricReference, template: Template): string[] {
  const { dimensions, name, namespace } = metric;
  const known = namespaces[namespace];
  if (known === undefined)
    return [`${namespace} is no namespace that lib/checks/cloudwatch/aws-metrics.ts knows`];
  const written = dimensions.map(([dimension]) => dimension).sort();
  const problems: string[] = [];
  if (!known.metrics.includes(name)) problems.push(`${namespace} has no metric ${name}`);
  if (!known.dimensions.some(set => set.join() === written.join())) {
    problems.push(`${namespace} writes no metric by the dimensions ${written.join(', ') || '(none)'}`);
  }
  const values = dimensions.flatMap(([dimension, value]) => valueProblem(dimension, value, template) ?? []);
  return [...problems, ...values, ...busProblem(metric, template)];
}

function valueProblem(name: string, value: unknown, template: Template): string | undefined {
  if (name === 'service')
    return value === METRIC_SERVICE ? undefined : `no function writes as the service ${show(value)}`;
  if (name === 'stage')
    return isToldStage(value, template) ? undefined : `no function writes for the stage ${show(value)}`;
  if (typeof value === 'string') return undefined;
  const type = template.Resources[refOf(value) ?? '']?.Type;
  if (name === 'QueueName') {
    return attributeOf(value)?.attribute === 'QueueName' ? undefined : `${show(value)} is no queue's name`;
  }
  if (name === 'RuleName') {
    const rule = template.Resources[refOf(value) ?? '']?.Properties;
    const isOnOwnBus = rule !== undefined && rule.EventBusName !== undefined;
    return isOnOwnBus ? `${show(value)} is BUS|RULE: take the part behind the bar` : undefined;
  }
  const wanted = namedByRef[name];
  const isName = wanted === undefined || type === wanted || attributeOf(value)?.attribute === 'Name';
  return isName ? undefined : `${show(value)} is no ${name}: it must be the Ref of an ${wanted}`;
}

/** A rule of another bus than the default one is written with the bus's name only. */
function busProblem({ dimensions }: MetricReference, template: Template): string[] {
  const [, rule] = dimensions.find(([name]) => name === 'RuleName') ?? [];
  if (rule === undefined || dimensions.some(([name]) => name === 'EventBusName')) return [];
  const named = resourcesOf(template, 'AWS::Events::Rule').find(({ logicalId }) =>
    show(rule).includes(`"${logicalId}"`),
  );
  if (named?.properties.EventBusName === undefined) return [];
  return [`${named.logicalId} is on a bus of its own: add the dimension EventBusName`];
}

/** Functions write their stage as their environment tells them. */
function isToldStage(value: unknown, template: Template): boolean {
  const told = `Environment.Variables.${Environment.stage}`;
  return resourcesOf(template, 'AWS::Lambda::Function').some(({ properties }) =>
    valuesAt(properties, told).some(stage => show(stage) === show(value)),
  );
}
