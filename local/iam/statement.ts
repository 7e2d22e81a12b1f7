/** Whether one statement applies to a request, element by element ("IAM JSON policy element reference"). */
import { type ContextKeys, matchesConditions } from './conditions.ts';
import { entriesOf, PolicyError, stringsOf } from './policy.ts';
import { type Caller, excludesPrincipal, matchPrincipal, type PrincipalMatch } from './principal.ts';
import { actionPattern, type ResolveVariable, resourcePattern } from './wildcard.ts';

type Elements = Record<string, unknown>;

/** What a statement is compared with. */
export interface StatementContext {
  action: string;
  resource: string;
  caller: Caller;
  keys: ContextKeys;
  resolve: ResolveVariable;
  /** Where the policy is attached: only a resource-based policy names principals. */
  policyType: 'identity' | 'resource';
}

const knownElements = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/**
 * How the statement applies to the caller, undefined if it doesn't.
 * Throws a `PolicyError` if that can't be told.
 */
export function matchStatement(statement: unknown, context: StatementContext): PrincipalMatch | undefined {
  const elements = elementsOf(statement);
  if (!matchesAction(elements, context.action)) return undefined;
  if (!matchesResource(elements, context)) return undefined;
  const match = context.policyType === 'resource' ? matchCaller(elements, context) : matchBearer(elements);
  if (match === undefined) return undefined;
  return matchesConditions(elements.Condition, context.keys, context.resolve) ? match : undefined;
}

function elementsOf(statement: unknown): Elements {
  const elements = Object.fromEntries(entriesOf(statement, 'a statement'));
  const unknown = Object.keys(elements).find(name => !knownElements.has(name));
  if (unknown !== undefined) throw new PolicyError(`'${unknown}' is not an element of a statement`);
  if (elements.Effect !== 'Allow' && elements.Effect !== 'Deny') {
    throw new PolicyError('Effect must be Allow or Deny');
  }
  return elements;
}

function matchesAction(elements: Elements, action: string): boolean {
  const { name, values, negated } = oneOf(elements, 'Action');
  const patterns = stringsOf(values, name).map(actionPattern);
  return patterns.some(pattern => pattern.test(action)) !== negated;
}

function matchesResource(elements: Elements, { resource, resolve }: StatementContext): boolean {
  const { name, values, negated } = oneOf(elements, 'Resource');
  const patterns = stringsOf(values, name).map(value => resourcePattern(value, resolve));
  return patterns.some(pattern => pattern.test(resource)) !== negated;
}

/** An identity-based policy names no principal: it is the identity that the policy is attached to. */
function matchBearer(elements: Elements): PrincipalMatch {
  if ('Principal' in elements || 'NotPrincipal' in elements) {
    throw new PolicyError('an identity-based policy has no Principal');
  }
  return 'caller';
}

function matchCaller(elements: Elements, { caller }: StatementContext): PrincipalMatch | undefined {
  const { values, negated } = oneOf(elements, 'Principal');
  if (!negated) return matchPrincipal(values, caller);
  // AWS would allow everybody else, anonymous callers too. No author of a policy means that.
  if (elements.Effect === 'Allow') throw new PolicyError('NotPrincipal with Allow would allow everybody');
  return excludesPrincipal(values, caller) ? undefined : 'caller';
}

/** An element and its Not... form exclude each other, and one of the two must be there. */
function oneOf(elements: Elements, name: string): { name: string; values: unknown; negated: boolean } {
  const negation = `Not${name}`;
  const negated = negation in elements;
  if (negated === name in elements) throw new PolicyError(`either ${name} or ${negation} must be given`);
  return { name, values: elements[negated ? negation : name], negated };
}
