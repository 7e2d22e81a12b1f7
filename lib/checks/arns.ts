/** `Ref` answers a name, a URL or an id where `Fn::GetAtt … Arn` answers an ARN: CloudFormation can't tell them apart. */
import { statementsOf } from './policies.ts';
import {
  attributeOf,
  type Finding,
  listOf,
  resourcesOf,
  show,
  type Template,
  textOf,
  valuesAt,
} from './template.ts';

/** By type of resource and path in its properties, what is wanted there. */
type Places<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

const actionsOfAlarms = { 'AlarmActions[]': [], 'OKActions[]': [], 'InsufficientDataActions[]': [] };

/** Where an ARN is wanted, and of which services, as ARNs name them; none named: of any. */
const arnsWanted: Places<readonly string[]> = {
  'AWS::ApiGateway::Account': { CloudWatchRoleArn: ['iam'] },
  'AWS::ApiGatewayV2::DomainName': { 'DomainNameConfigurations[].CertificateArn': ['acm'] },
  'AWS::ApiGatewayV2::Stage': { 'AccessLogSettings.DestinationArn': ['logs', 'firehose'] },
  'AWS::CloudWatch::Alarm': actionsOfAlarms,
  'AWS::CloudWatch::CompositeAlarm': actionsOfAlarms,
  'AWS::Events::EventBus': { 'DeadLetterConfig.Arn': ['sqs'] },
  'AWS::Events::Rule': {
    'Targets[].Arn': [],
    'Targets[].DeadLetterConfig.Arn': ['sqs'],
    'Targets[].RoleArn': ['iam'],
  },
  'AWS::Lambda::EventInvokeConfig': {
    'DestinationConfig.OnFailure.Destination': ['sqs', 'sns', 'lambda', 'events', 's3'],
    'DestinationConfig.OnSuccess.Destination': ['sqs', 'sns', 'lambda', 'events'],
  },
  'AWS::Lambda::EventSourceMapping': {
    EventSourceArn: ['sqs', 'dynamodb', 'kinesis'],
    'DestinationConfig.OnFailure.Destination': ['sqs', 'sns', 's3'],
  },
  'AWS::Lambda::Function': {
    Role: ['iam'],
    'DeadLetterConfig.TargetArn': ['sqs', 'sns'],
    KmsKeyArn: ['kms'],
  },
  'AWS::Lambda::Permission': { SourceArn: [] },
  'AWS::SNS::Subscription': { TopicArn: ['sns'] },
  'AWS::SQS::Queue': { 'RedrivePolicy.deadLetterTargetArn': ['sqs'] },
};

/** Where a role is wanted, and the service that must be able to assume it. */
const rolesWanted: Places<string> = {
  'AWS::ApiGateway::Account': { CloudWatchRoleArn: 'apigateway.amazonaws.com' },
  'AWS::Events::Rule': { 'Targets[].RoleArn': 'events.amazonaws.com' },
  'AWS::Lambda::Function': { Role: 'lambda.amazonaws.com' },
};

/** Where AWS wants what `Ref` answers, and refuses an ARN. */
const refsWanted: Places<null> = {
  'AWS::IAM::Policy': { 'Roles[]': null },
  'AWS::SQS::QueuePolicy': { 'Queues[]': null },
};

const refIsArn = new Set([
  ...['AWS::CertificateManager::Certificate', 'AWS::IAM::ManagedPolicy', 'AWS::Lambda::Alias'],
  ...['AWS::Lambda::Version', 'AWS::SNS::Topic', 'AWS::SNS::Subscription', 'AWS::SecretsManager::Secret'],
]);

/** What ARNs call a service that CloudFormation calls otherwise. */
const serviceInArns: Readonly<Record<string, string>> = { CertificateManager: 'acm' };

export function arns(template: Template): Finding[] {
  return [
    ...findingsAt(template, arnsWanted, (value, services) => {
      const service = serviceOf(value, template);
      if (service !== undefined && (services.length === 0 || services.includes(service))) return undefined;
      return `is no ARN${services.length === 0 ? '' : ` of ${services.join(' or ')}`}, which is wanted here`;
    }),
    ...findingsAt(template, rolesWanted, (value, service) =>
      isAssumableBy(service, value, template) ? undefined : `is no role that ${service} can assume`,
    ),
    ...findingsAt(template, refsWanted, value =>
      attributeOf(value)?.attribute === 'Arn' ? 'is an ARN: what Ref answers is wanted here' : undefined,
    ),
    ...resourcesInPolicies(template),
  ];
}

/** @param problemOf what is wrong with a value, in words that follow it */
function findingsAt<T>(
  template: Template,
  places: Places<T>,
  problemOf: (value: unknown, wanted: T) => string | undefined,
): Finding[] {
  return resourcesOf(template, ...Object.keys(places)).flatMap(({ logicalId, type, properties }) =>
    Object.entries(places[type] ?? {}).flatMap(([path, wanted]) =>
      valuesAt(properties, path).flatMap(value => {
        const problem = problemOf(value, wanted);
        return problem === undefined
          ? []
          : [{ logicalId, at: `Properties.${path}`, problem: `${show(value)} ${problem}` }];
      }),
    ),
  );
}

function resourcesInPolicies(template: Template): Finding[] {
  return statementsOf(template).flatMap(({ logicalId, at, statement }) =>
    [...listOf<unknown>(statement.Resource), ...listOf<unknown>(statement.NotResource)]
      .filter(resource => resource !== '*' && serviceOf(resource, template) === undefined)
      .map(resource => ({
        logicalId,
        at,
        problem: `${show(resource)} is no ARN: a policy on it allows nothing`,
      })),
  );
}

/** The service that an ARN is of; undefined where the value is no ARN. */
function serviceOf(value: unknown, { Resources }: Template): string | undefined {
  const text = textOf(value);
  const written = /^arn:(?:\$\{AWS::Partition\}|[\w-]+):([\w-]+):/.exec(text)?.[1];
  if (written !== undefined) return written;
  const [, logicalId = '', attribute] = /^\$\{(\w+)(?:\.([\w.]+))?\}/.exec(text) ?? [];
  const type = Resources[logicalId]?.Type ?? '';
  const isArn = attribute === undefined ? refIsArn.has(type) : attribute.endsWith('Arn');
  const [, service = ''] = type.split('::');
  return isArn ? (serviceInArns[service] ?? service.toLowerCase()) : undefined;
}

/** Of a role outside of the template only its ARN can be judged. */
function isAssumableBy(service: string, value: unknown, { Resources }: Template): boolean {
  const role = Resources[attributeOf(value)?.logicalId ?? ''];
  if (role === undefined)
    return /^arn:\S+:iam::(?:\d{12}|\$\{AWS::AccountId\}):role\/\S+$/.test(textOf(value));
  return valuesAt(role, 'Properties.AssumeRolePolicyDocument.Statement[].Principal.Service[]').includes(
    service,
  );
}
