/**
 * IAM accepts an unknown action, an action on a resource that it never applies to, and a condition that nothing can fulfil.
 * The policy then denies what it should allow, or allows what it should deny.
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

/** IAM's name for what `Ref` or an attribute of a resource answers. */
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

/** Actions that apply to none of the statement's resources. A resource of an unknown type may be any. */
function misdirectedActions({ Action, Resource }: Properties, template: Template): string[] {
  const resources = listOf<unknown>(Resource);
  const types = resources.map(resource => typeInIam(resource, template));
  if (types.length === 0 || types.includes(undefined)) return [];
  // An action that takes no resource is left out: CDK itself grants dynamodb:ListStreams on a stream.
  const fits = ({ resourceTypes }: { resourceTypes: readonly string[] }) =>
    resourceTypes.length === 0 || types.some(type => type !== undefined && resourceTypes.includes(type));
  return listOf<string>(Action)
    .map(action => ({ action, meant: iamActionsLike(action) }))
    .filter(({ meant }) => meant.length > 0 && !meant.some(fits))
    .map(({ action }) => `${action} never applies to ${types.join(' or ')}: ${show(resources)}`);
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
