/** `Ref` answers a name, a URL or an id where `Fn::GetAtt … Arn` answers an ARN: CloudFormation can't tell them apart. */
import { statementsOf } from './policies.ts';
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

/** Where an ARN is wanted. */
const arnsWanted: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGateway::Account': ['CloudWatchRoleArn'],
  'AWS::ApiGatewayV2::DomainName': ['DomainNameConfigurations[].CertificateArn'],
  'AWS::ApiGatewayV2::Stage': ['AccessLogSettings.DestinationArn'],
  'AWS::CloudWatch::Alarm': ['AlarmActions[]', 'OKActions[]', 'InsufficientDataActions[]'],
  'AWS::Events::EventBus': ['DeadLetterConfig.Arn'],
  'AWS::Events::Rule': ['Targets[].Arn', 'Targets[].DeadLetterConfig.Arn', 'Targets[].RoleArn'],
  'AWS::Lambda::EventInvokeConfig': [
    'DestinationConfig.OnFailure.Destination',
    'DestinationConfig.OnSuccess.Destination',
  ],
  'AWS::Lambda::EventSourceMapping': ['EventSourceArn', 'DestinationConfig.OnFailure.Destination'],
  'AWS::Lambda::Function': ['Role', 'DeadLetterConfig.TargetArn', 'KmsKeyArn'],
  'AWS::Lambda::Permission': ['SourceArn'],
  'AWS::SNS::Subscription': ['TopicArn'],
  'AWS::SQS::Queue': ['RedrivePolicy.deadLetterTargetArn'],
};

/** Where what `Ref` answers is wanted, and an ARN is refused. */
const refsWanted: Readonly<Record<string, readonly string[]>> = {
  'AWS::IAM::Policy': ['Roles[]'],
  'AWS::SQS::QueuePolicy': ['Queues[]'],
};

const refIsArn = new Set([
  ...['AWS::CertificateManager::Certificate', 'AWS::IAM::ManagedPolicy', 'AWS::Lambda::Alias'],
  ...['AWS::Lambda::Version', 'AWS::SNS::Topic', 'AWS::SNS::Subscription', 'AWS::SecretsManager::Secret'],
]);

export function arns(template: Template): Finding[] {
  return [
    ...findingsAt(template, arnsWanted, value => !isArn(value, template), 'is no ARN, which is wanted here'),
    ...findingsAt(
      template,
      refsWanted,
      value => attributeOf(value)?.attribute === 'Arn',
      'is an ARN: what Ref answers is wanted here',
    ),
    ...resourcesInPolicies(template),
  ];
}

function findingsAt(
  template: Template,
  places: Readonly<Record<string, readonly string[]>>,
  isWrong: (value: unknown) => boolean,
  problem: string,
): Finding[] {
  return resourcesOf(template, ...Object.keys(places)).flatMap(({ logicalId, type, properties }) =>
    (places[type] ?? []).flatMap(path =>
      valuesAt(properties, path)
        .filter(isWrong)
        .map(value => ({ logicalId, at: `Properties.${path}`, problem: `${show(value)} ${problem}` })),
    ),
  );
}

function resourcesInPolicies(template: Template): Finding[] {
  return statementsOf(template).flatMap(({ logicalId, at, statement }) =>
    [...listOf<unknown>(statement.Resource), ...listOf<unknown>(statement.NotResource)]
      .filter(resource => resource !== '*' && !isArn(resource, template))
      .map(resource => ({
        logicalId,
        at,
        problem: `${show(resource)} is no ARN: a policy on it allows nothing`,
      })),
  );
}

function isArn(value: unknown, template: Template): boolean {
  if (typeof value === 'string') return value.startsWith('arn:');
  const attribute = attributeOf(value)?.attribute;
  if (attribute !== undefined) return attribute.endsWith('Arn');
  const reference = refOf(value);
  if (reference !== undefined) return refIsArn.has(template.Resources[reference]?.Type ?? '');
  const { 'Fn::Join': join, 'Fn::Sub': text } = value as Properties;
  if (join !== undefined) return isArn(join[1][0], template);
  return String(listOf<unknown>(text)[0]).startsWith('arn:');
}
