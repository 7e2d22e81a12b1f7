/**
 * Every resource type that the local cloud runs, and every property of it that it honours. What is not here stops
 * it with its name: a template that half runs would prove nothing.
 */
import { type Template, UnsupportedTemplateError } from './assembly.ts';

/** Ids and ARNs as CloudFormation would answer them. */
export interface Naming {
  account: string;
  region: string;
  /** A stable name for a resource that the template leaves unnamed. */
  nameOf(logicalId: string): string;
  /** A stable random id, as API Gateway and KMS give them. */
  randomIdOf(logicalId: string, kind: 'api' | 'key'): string;
  /** Where the local cloud answers: `http://127.0.0.1:PORT`. */
  endpoint: string;
}

/** A property of the resource in question, resolved when it is asked for: resources name each other in circles. */
type Property = (name: string) => unknown;

export interface ResourceType {
  /** Properties that have their effect here. */
  honours: readonly string[];
  /** Properties without effect on a single machine, such as descriptions. */
  ignores?: readonly string[];
  /** What `Ref` answers. */
  ref(logicalId: string, property: Property, naming: Naming): string;
  /** What `Fn::GetAtt` answers, by attribute. */
  attributes?: Record<string, (ref: string, property: Property, naming: Naming) => string>;
}

const byName: ResourceType['ref'] = (logicalId, _, { nameOf }) => nameOf(logicalId);
const byApiId: ResourceType['ref'] = (logicalId, _, { randomIdOf }) => randomIdOf(logicalId, 'api');
const byKeyId: ResourceType['ref'] = (logicalId, _, { randomIdOf }) => randomIdOf(logicalId, 'key');
const named =
  (nameProperty: string): ResourceType['ref'] =>
  (logicalId, property, { nameOf }) =>
    String(property(nameProperty) ?? nameOf(logicalId));
const arn =
  (service: string, prefix: string) =>
  (ref: string, _: unknown, { account, region }: Naming): string =>
    `arn:aws:${service}:${region}:${account}:${prefix}${ref}`;

export const resourceTypes: Record<string, ResourceType> = {
  // Access logs are not written here, so the role that would write them has nothing to do.
  'AWS::ApiGateway::Account': { honours: [], ignores: ['CloudWatchRoleArn'], ref: byName },
  'AWS::ApiGatewayV2::Api': {
    honours: ['ProtocolType', 'RouteSelectionExpression'],
    ignores: ['Name', 'Description'],
    ref: byApiId,
    attributes: {
      ApiEndpoint: (ref, property, { region }) =>
        `${property('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https'}://${ref}.execute-api.${region}.amazonaws.com`,
      ApiId: ref => ref,
    },
  },
  'AWS::ApiGatewayV2::Authorizer': {
    honours: ['ApiId', 'AuthorizerType', 'AuthorizerUri', 'IdentitySource'],
    ignores: ['Name'],
    ref: byApiId,
  },
  'AWS::ApiGatewayV2::Integration': {
    honours: ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion'],
    ref: byApiId,
  },
  'AWS::ApiGatewayV2::Route': {
    honours: [
      'ApiId',
      'AuthorizationType',
      'AuthorizerId',
      'RouteKey',
      'Target',
      'RouteResponseSelectionExpression',
    ],
    ref: byApiId,
  },
  'AWS::ApiGatewayV2::RouteResponse': { honours: ['ApiId', 'RouteId', 'RouteResponseKey'], ref: byApiId },
  'AWS::ApiGatewayV2::Stage': {
    honours: ['ApiId', 'StageName', 'AutoDeploy', 'DefaultRouteSettings'],
    ignores: ['AccessLogSettings', 'Description'],
    ref: (_, property) => String(property('StageName')),
  },
  // Nothing is measured for alarms here: `GET /_local/metrics` says what the functions wrote of themselves.
  'AWS::CloudWatch::Alarm': {
    honours: [],
    ignores: [
      ...['ActionsEnabled', 'AlarmActions', 'AlarmDescription', 'AlarmName', 'ComparisonOperator'],
      ...['Dimensions', 'EvaluationPeriods', 'ExtendedStatistic', 'MetricName', 'Metrics', 'Namespace'],
      ...['OKActions', 'Period', 'Statistic', 'Threshold', 'TreatMissingData'],
    ],
    ref: named('AlarmName'),
    attributes: { Arn: arn('cloudwatch', 'alarm:') },
  },
  'AWS::CloudWatch::CompositeAlarm': {
    honours: [],
    ignores: ['AlarmActions', 'AlarmDescription', 'AlarmName', 'AlarmRule', 'OKActions'],
    ref: named('AlarmName'),
    attributes: { Arn: arn('cloudwatch', 'alarm:') },
  },
  'AWS::CloudWatch::Dashboard': {
    honours: [],
    ignores: ['DashboardBody', 'DashboardName'],
    ref: named('DashboardName'),
  },
  'AWS::DynamoDB::GlobalTable': {
    honours: [
      'TableName',
      'AttributeDefinitions',
      'KeySchema',
      'BillingMode',
      'GlobalSecondaryIndexes',
      'Replicas',
      'StreamSpecification',
    ],
    // Items that are over are deleted up to two days late on AWS; here the reader alone tells them by their time.
    ignores: ['TimeToLiveSpecification', 'SSESpecification'],
    ref: named('TableName'),
    attributes: {
      Arn: arn('dynamodb', 'table/'),
      // On AWS the label is the time at which the stream was switched on.
      StreamArn(ref, property, naming) {
        if (property('StreamSpecification') === undefined)
          throw new UnsupportedTemplateError(`table ${ref} has no stream: it has no StreamSpecification`);
        return `${arn('dynamodb', 'table/')(ref, property, naming)}/stream/2000-01-01T00:00:00.000`;
      },
    },
  },
  'AWS::Events::EventBus': {
    honours: ['Name'],
    ignores: ['Description'],
    ref: named('Name'),
    attributes: { Arn: arn('events', 'event-bus/'), Name: ref => ref },
  },
  'AWS::Events::EventBusPolicy': { honours: ['EventBusName', 'Statement', 'StatementId'], ref: byName },
  'AWS::Events::Rule': {
    honours: ['EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
    ignores: ['Description'],
    // The default bus is not named in either: of a rule on another one, `Ref` is BUS|RULE.
    ref(logicalId, property, naming) {
      const name = named('Name')(logicalId, property, naming);
      const bus = property('EventBusName') ?? 'default';
      return bus === 'default' ? name : `${String(bus)}|${name}`;
    },
    attributes: {
      Arn: (ref, property, naming) => arn('events', 'rule/')(ref.replace('|', '/'), property, naming),
    },
  },
  // Read by whoever writes code for an event, and by nothing that runs.
  'AWS::EventSchemas::Registry': {
    honours: [],
    ignores: ['Description', 'RegistryName'],
    ref: named('RegistryName'),
    attributes: { RegistryName: ref => ref },
  },
  'AWS::EventSchemas::Schema': {
    honours: [],
    ignores: ['Content', 'Description', 'RegistryName', 'SchemaName', 'Type'],
    ref: named('SchemaName'),
  },
  'AWS::IAM::Policy': { honours: ['PolicyDocument', 'Roles'], ignores: ['PolicyName'], ref: byName },
  'AWS::IAM::Role': {
    honours: ['AssumeRolePolicyDocument', 'Policies', 'ManagedPolicyArns', 'RoleName'],
    ignores: ['Description'],
    ref: named('RoleName'),
    attributes: { Arn: (ref, _, { account }) => `arn:aws:iam::${account}:role/${ref}` },
  },
  'AWS::KMS::Key': {
    honours: ['KeyPolicy', 'KeySpec', 'KeyUsage'],
    ignores: ['Description'],
    ref: byKeyId,
    attributes: { Arn: arn('kms', 'key/'), KeyId: ref => ref },
  },
  'AWS::Lambda::EventInvokeConfig': {
    honours: [
      'FunctionName',
      'Qualifier',
      'DestinationConfig',
      'MaximumRetryAttempts',
      'MaximumEventAgeInSeconds',
    ],
    ref: byName,
  },
  'AWS::Lambda::EventSourceMapping': {
    // Not each of them with each kind of source: event-sources.ts says which.
    honours: [
      ...['BatchSize', 'Enabled', 'EventSourceArn', 'FunctionName', 'FunctionResponseTypes'],
      ...[
        'BisectBatchOnFunctionError',
        'DestinationConfig',
        'FilterCriteria',
        'MaximumBatchingWindowInSeconds',
        'MaximumRecordAgeInSeconds',
        'MaximumRetryAttempts',
      ],
      'StartingPosition',
    ],
    ref: byName,
  },
  'AWS::Lambda::Function': {
    honours: [
      ...[
        'Code',
        'DeadLetterConfig',
        'Environment',
        'FunctionName',
        'Handler',
        'LoggingConfig',
        'MemorySize',
      ],
      ...['ReservedConcurrentExecutions', 'Role', 'Runtime', 'Timeout'],
    ],
    // The machine's own architecture runs the same JavaScript.
    ignores: ['Architectures', 'Description'],
    ref: named('FunctionName'),
    attributes: { Arn: arn('lambda', 'function:') },
  },
  'AWS::Lambda::Permission': { honours: ['Action', 'FunctionName', 'Principal', 'SourceArn'], ref: byName },
  'AWS::Logs::LogGroup': {
    honours: ['LogGroupName'],
    // Logs are files in the data directory, kept until it is emptied.
    ignores: ['RetentionInDays'],
    ref: named('LogGroupName'),
    attributes: {
      Arn: (ref, _, { account, region }) => `arn:aws:logs:${region}:${account}:log-group:${ref}:*`,
    },
  },
  // Told by alarms alone, which are not emulated.
  'AWS::SNS::Subscription': { honours: [], ignores: ['Endpoint', 'Protocol', 'TopicArn'], ref: byName },
  'AWS::SNS::Topic': {
    honours: [],
    ignores: ['DisplayName'],
    ref: (logicalId, property, naming) => arn('sns', '')(naming.nameOf(logicalId), property, naming),
  },
  'AWS::SNS::TopicPolicy': { honours: [], ignores: ['PolicyDocument', 'Topics'], ref: byName },
  'AWS::SQS::Queue': {
    honours: [
      ...['QueueName', 'MessageRetentionPeriod', 'VisibilityTimeout', 'RedrivePolicy', 'DelaySeconds'],
      ...['ReceiveMessageWaitTimeSeconds', 'MaximumMessageSize'],
    ],
    ignores: ['SqsManagedSseEnabled'],
    ref: (logicalId, property, naming) =>
      `${naming.endpoint}/${naming.account}/${named('QueueName')(logicalId, property, naming)}`,
    attributes: {
      Arn: (ref, property, naming) => arn('sqs', '')(lastPart(ref), property, naming),
      QueueName: ref => lastPart(ref),
      QueueUrl: ref => ref,
    },
  },
  'AWS::SQS::QueuePolicy': { honours: ['PolicyDocument', 'Queues'], ref: byName },
};

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** What CDK itself puts into every template, and what has no meaning here. */
const BOOTSTRAP_PARAMETER = 'BootstrapVersion';
/** The CDK's statistics, on condition that the Region takes them. */
const CDK_METADATA = 'AWS::CDK::Metadata';
/** An app puts tags on all that it has, whatever its type. */
const TAGS = 'Tags';

/** @throws UnsupportedTemplateError that names everything in the template that can't be honoured here */
export function checkSupported({ Mappings = {}, Parameters = {}, Resources }: Template): void {
  const parameters = Object.keys(Parameters).filter(name => name !== BOOTSTRAP_PARAMETER);
  const problems = [
    ...[...parameters, ...Object.keys(Mappings)].map(
      name => `the local cloud has no parameters or mappings: ${name}`,
    ),
    ...resourceProblems(Resources),
  ];
  if (problems.length > 0) throw new UnsupportedTemplateError(problems.join('\n'));
}

function resourceProblems(resources: Template['Resources']): string[] {
  return Object.entries(resources).flatMap(([logicalId, { Type, Condition, Properties = {} }]) => {
    if (Type === CDK_METADATA) return [];
    if (Condition !== undefined) return [`${logicalId}: the local cloud has no conditions`];
    const type = resourceTypes[Type];
    if (type === undefined) return [`${logicalId}: the local cloud can't run the resource type ${Type}`];
    const known = new Set([...type.honours, ...(type.ignores ?? []), TAGS]);
    return Object.keys(Properties)
      .filter(property => !known.has(property))
      .map(property => `${logicalId}: the local cloud can't honour the property ${property} of ${Type}`);
  });
}
