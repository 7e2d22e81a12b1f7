/** Every policy statement of a template, wherever it stands. */
import { listOf, type Properties, resourcesOf, type Template, valuesAt } from './template.ts';

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
