/**
 * IAM takes a policy with an action that there is not, with an action on what it is never done to, or with a condition that
 * nothing fulfils; and then denies what was meant to be allowed, or allows what was meant to be denied.
 */
import { iamActionsLike, isConditionKey } from './iam-data.ts';
import { actionsOf, statementsOf } from './policies.ts';
import {
  attributeOf,
  type Finding,
  listOf,
  type Properties,
  refOf,
  resourcesOf,
  show,
  type Template,
} from './template.ts';

/** What IAM calls that which `Ref` or an attribute of a resource names. */
const typesInIam: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable Arn': 'dynamodb:table',
  'AWS::DynamoDB::GlobalTable StreamArn': 'dynamodb:stream',
  'AWS::Events::EventBus Arn': 'events:event-bus',
  'AWS::KMS::Key Arn': 'kms:key',
  'AWS::Lambda::Function Arn': 'lambda:function',
  // It ends in a wildcard: that is its streams.
  'AWS::Logs::LogGroup Arn': 'logs:log-stream',
  'AWS::SNS::Topic Ref': 'sns:topic',
  'AWS::SQS::Queue Arn': 'sqs:queue',
};

export function iamActions(template: Template): Finding[] {
  const inPolicies = statementsOf(template).flatMap(({ statement, ...place }) =>
    problemsOf(statement, template).map(problem => ({ ...place, problem })),
  );
  const inPermissions = resourcesOf(template, 'AWS::Lambda::Permission').flatMap(
    ({ logicalId, properties }) =>
      unknownActions([properties.Action]).map(problem => ({ logicalId, at: 'Properties.Action', problem })),
  );
  return [...inPolicies, ...inPermissions];
}

function problemsOf(statement: Properties, template: Template): string[] {
  return [
    ...unknownActions(actionsOf(statement)),
    ...misdirectedActions(statement, template),
    ...unknownKeys(statement),
  ];
}

function unknownActions(actions: readonly string[]): string[] {
  return actions
    .filter(action => action !== '*' && iamActionsLike(action).length === 0)
    .map(action => `there is no action ${action}: see AWS's Service Authorization Reference`);
}

/** Actions that are done to none of the statement's resources. A resource of a type that isn't known may be any. */
function misdirectedActions({ Action, Resource }: Properties, template: Template): string[] {
  const resources = listOf<unknown>(Resource);
  const types = resources.map(resource => typeInIam(resource, template));
  if (types.length === 0 || types.includes(undefined)) return [];
  // What is done to no one resource is left out: CDK itself grants dynamodb:ListStreams on a stream.
  const fits = ({ resourceTypes }: { resourceTypes: readonly string[] }) =>
    resourceTypes.length === 0 || types.some(type => type !== undefined && resourceTypes.includes(type));
  return listOf<string>(Action)
    .map(action => ({ action, meant: iamActionsLike(action) }))
    .filter(({ meant }) => meant.length > 0 && !meant.some(fits))
    .map(({ action }) => `${action} is never done to ${types.join(' or ')}: ${show(resources)}`);
}

function typeInIam(resource: unknown, template: Template): string | undefined {
  const { logicalId, attribute } = attributeOf(resource) ?? { logicalId: refOf(resource), attribute: 'Ref' };
  return typesInIam[`${template.Resources[logicalId ?? '']?.Type} ${attribute}`];
}

function unknownKeys({ Action, Condition }: Properties): string[] {
  const actions = listOf<string>(Action).flatMap(iamActionsLike);
  return (
    Object.values<Properties>(Condition ?? {})
      .flatMap(Object.keys)
      // Keys of identity providers begin with a host, and AWS's reference lacks some of them.
      .filter(key => !/^[^:]+\./.test(key) && !isConditionKey(key, actions))
      .map(key => `no action of the statement knows the condition key ${key}`)
  );
}
