/** Every policy statement of a template, wherever it stands. */
import {
  attributeOf,
  listOf,
  type Properties,
  refOf,
  resourcesOf,
  type Template,
  valuesAt,
} from './template.ts';

export interface Statement {
  readonly logicalId: string;
  readonly at: string;
  readonly statement: Properties;
}

/** Where a policy document, or a single statement, stands in a resource. */
const places: Readonly<Record<string, readonly string[]>> = {
  'AWS::Events::EventBusPolicy': ['Statement'],
  'AWS::IAM::ManagedPolicy': ['PolicyDocument.Statement'],
  'AWS::IAM::Policy': ['PolicyDocument.Statement'],
  'AWS::IAM::Role': ['AssumeRolePolicyDocument.Statement', 'Policies[].PolicyDocument.Statement'],
  'AWS::KMS::Key': ['KeyPolicy.Statement'],
  'AWS::SNS::TopicPolicy': ['PolicyDocument.Statement'],
  'AWS::SQS::QueuePolicy': ['PolicyDocument.Statement'],
};

export function statementsOf(template: Template): Statement[] {
  return resourcesOf(template, ...Object.keys(places)).flatMap(({ logicalId, type, properties }) =>
    (places[type] ?? []).flatMap(place =>
      valuesAt(properties, `${place}[]`).map(statement => ({
        logicalId,
        at: `Properties.${place}`,
        statement: statement as Properties,
      })),
    ),
  );
}

export function actionsOf({ Action, NotAction }: Properties): readonly string[] {
  return [...listOf<string>(Action), ...listOf<string>(NotAction)];
}

/** What the policies of the stack allow: each statement, with the roles that have it. */
export function grantsOf(template: Template): { roles: string[]; statement: Properties }[] {
  return resourcesOf(template, 'AWS::IAM::Policy').flatMap(({ properties }) => {
    const roles = listOf<unknown>(properties.Roles)
      .map(refOf)
      .filter(role => role !== undefined);
    return listOf<Properties>(properties.PolicyDocument?.Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .map(statement => ({ roles, statement }));
  });
}

/** What a function's role is allowed. */
export function grantsTo(template: Template, handler: string): Properties[] {
  const value = template.Resources[handler]?.Properties?.Role;
  // A Ref is wrong there, which is found elsewhere.
  const role = attributeOf(value)?.logicalId ?? refOf(value) ?? '';
  return grantsOf(template)
    .filter(({ roles }) => roles.includes(role))
    .map(({ statement }) => statement);
}
