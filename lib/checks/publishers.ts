/**
 * Who may publish. An explicit Deny on the bus also shuts out a function whose own role allows it to publish; the first
 * event would show it. An Allow for everybody lets in every AWS account.
 */
import { actionsOf, grantsOf, type Statement, statementsOf } from './policies.ts';
import {
  attributeOf,
  type Finding,
  listOf,
  type Properties,
  show,
  type Template,
  valuesAt,
} from './template.ts';

const PUBLISH = 'events:PutEvents';

export function publishers(template: Template): Finding[] {
  const ofBuses = statementsOf(template).filter(
    ({ logicalId, statement }) =>
      template.Resources[logicalId]?.Type === 'AWS::Events::EventBusPolicy' &&
      actionsOf(statement).includes(PUBLISH),
  );
  return [...openBuses(ofBuses), ...shutOut(template, ofBuses)];
}

function openBuses(ofBuses: readonly Statement[]): Finding[] {
  return ofBuses
    .filter(({ statement }) => statement.Effect === 'Allow' && isEverybody(statement.Principal))
    .filter(({ statement }) => statement.Condition === undefined)
    .map(({ logicalId, at }) => ({ logicalId, at, problem: 'lets every account publish' }));
}

function isEverybody(principal: unknown): boolean {
  return principal === '*' || listOf<unknown>((principal as Properties | undefined)?.AWS).includes('*');
}

/** Roles of the stack whose own policies let them publish, and which the Deny of a bus doesn't except. */
function shutOut(template: Template, ofBuses: readonly Statement[]): Finding[] {
  const denials = ofBuses.filter(({ statement }) => statement.Effect === 'Deny');
  return denials.flatMap(({ logicalId, at, statement }) => {
    const named = valuesAt(statement, 'Condition.ArnNotEquals.aws:PrincipalArn[]').map(
      value => attributeOf(value)?.logicalId,
    );
    return publishingRoles(template, statement.Resource)
      .filter(role => !named.includes(role))
      .map(role => ({
        logicalId,
        at,
        problem: `${role} may publish by its own policy, and is denied it here`,
      }));
  });
}

function publishingRoles(template: Template, bus: unknown): string[] {
  return grantsOf(template)
    .filter(
      ({ statement: { Resource, ...statement } }) =>
        actionsOf(statement).includes(PUBLISH) &&
        listOf<unknown>(Resource).some(resource => show(resource) === show(bus)),
    )
    .flatMap(({ roles }) => roles);
}
