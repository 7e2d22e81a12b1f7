/** An alarm on a metric that there is not, or by dimensions that nobody writes, is taken and never rings. */
import {
  attributeOf,
  type Finding,
  listOf,
  type Properties,
  refOf,
  resourcesOf,
  show,
  type Template,
  valuesAt,
} from './template.ts';

interface Namespace {
  readonly metrics: readonly string[];
  /** Names of the dimensions under which the metrics are written, each list sorted. */
  readonly dimensions: readonly (readonly string[])[];
}

/** Each service's page "… CloudWatch metrics"; a namespace that isn't here is our own, and its writer's business. */
const namespaces: Readonly<Record<string, Namespace>> = {
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

export function alarms(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(({ logicalId, properties }) => {
    const inExpressions = valuesAt(properties, 'Metrics[].MetricStat.Metric') as Properties[];
    const metrics = properties.MetricName === undefined ? inExpressions : [properties, ...inExpressions];
    return metrics.flatMap(metric =>
      problemsOf(metric, template).map(problem => ({ logicalId, at: 'Properties.Dimensions', problem })),
    );
  });
}

function problemsOf({ Namespace, MetricName, Dimensions }: Properties, template: Template): string[] {
  const namespace = namespaces[Namespace];
  if (namespace === undefined) {
    const ours = !String(Namespace).startsWith('AWS/');
    return ours ? [] : [`${Namespace} is no namespace that lib/checks/alarm-checks.ts knows`];
  }
  const dimensions = listOf<Properties>(Dimensions);
  const written = dimensions.map(({ Name }) => String(Name)).sort();
  const problems: string[] = [];
  if (!namespace.metrics.includes(MetricName)) problems.push(`${Namespace} has no metric ${MetricName}`);
  if (!namespace.dimensions.some(set => set.join() === written.join())) {
    problems.push(`${Namespace} writes no metric by the dimensions ${written.join(', ') || '(none)'}`);
  }
  const values = dimensions.flatMap(({ Name, Value }) => valueProblem(Name, Value, template) ?? []);
  return [...problems, ...values, ...busProblem(dimensions, template)];
}

function valueProblem(name: string, value: unknown, template: Template): string | undefined {
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
function busProblem(dimensions: readonly Properties[], template: Template): string[] {
  const rule = dimensions.find(({ Name }) => Name === 'RuleName');
  if (rule === undefined || dimensions.some(({ Name }) => Name === 'EventBusName')) return [];
  const named = resourcesOf(template, 'AWS::Events::Rule').find(({ logicalId }) =>
    show(rule.Value).includes(`"${logicalId}"`),
  );
  if (named?.properties.EventBusName === undefined) return [];
  return [`${named.logicalId} is on a bus of its own: add the dimension EventBusName`];
}
