/**
 * Decides whether the policy that an authorizer returns lets the caller invoke a route. It knows what authorizers write
 * (Effect, Action, Resource); anything else is an error and never an Allow.
 */
import { isObject } from '../json-text.ts';

export type PolicyDecision = 'allow' | 'deny' | 'explicit-deny';

/** @throws Error when the document is not a policy, or has elements that are not evaluated here. */
export function evaluateInvokePolicy(policyDocument: unknown, methodArn: string): PolicyDecision {
  if (!isObject(policyDocument)) throw new Error('policyDocument is missing');
  const statements = [policyDocument.Statement].flat();
  let decision: PolicyDecision = 'deny';
  for (const statement of statements) {
    const { effect, applies } = readStatement(statement, methodArn);
    if (applies && effect === 'Deny') return 'explicit-deny';
    if (applies) decision = 'allow';
  }
  return decision;
}

function readStatement(statement: unknown, methodArn: string): { effect: string; applies: boolean } {
  if (!isObject(statement)) throw new Error('policyDocument has no Statement');
  for (const element of Object.keys(statement)) {
    if (!['Sid', 'Effect', 'Action', 'Resource'].includes(element)) {
      throw new Error(`a statement with ${element} is not supported`);
    }
  }
  const { Effect: effect } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error('a statement has no Effect');
  const actions = patterns(statement.Action, 'Action');
  const resources = patterns(statement.Resource, 'Resource');
  const applies =
    actions.some(action => matches(action.toLowerCase(), 'execute-api:invoke')) &&
    resources.some(resource => matches(resource, methodArn));
  return { effect, applies };
}

function patterns(value: unknown, element: string): string[] {
  const all: unknown[] = [value].flat();
  return all.map(pattern => {
    if (typeof pattern !== 'string') throw new Error(`a statement has no ${element}`);
    return pattern;
  });
}

/** IAM's wildcards: `*` for any characters, `?` for one. */
function matches(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}
