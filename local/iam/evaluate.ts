/**
 * Decides whether a request is allowed, after "Policy evaluation for requests within a single account".
 * The local cloud is one account, without permissions boundaries, session or service control policies.
 *
 * It fails closed: a statement that can't be evaluated (malformed, an unknown operator, a variable without a
 * value) allows nothing if it is an Allow and denies if it is anything else. AWS would have refused most of
 * these when the stack was deployed.
 */
import type { ContextKeys } from './conditions.ts';
import { entriesOf, type PolicyDocument, PolicyError } from './policy.ts';
import { type Caller, describeCaller } from './principal.ts';
import { matchStatement, type StatementContext } from './statement.ts';
import type { ResolveVariable } from './wildcard.ts';

export type { PolicyDocument, PolicyStatement } from './policy.ts';

export interface AccessRequest {
  /** The caller's ARN, or a service principal's name such as `events.amazonaws.com`. */
  principalArn: string;
  /** `dynamodb:Query` */
  action: string;
  /** An ARN, or `*` for an action that knows no resources. */
  resource: string;
  /** Condition keys, e.g. `dynamodb:LeadingKeys`; those about the principal are added. */
  context?: Record<string, string | string[]>;
  identityPolicies: readonly PolicyDocument[];
  /** A key policy is binding: where one is given for a `kms:` action, identity policies alone don't do. */
  resourcePolicies?: readonly PolicyDocument[];
}

export type DenialReason =
  | 'explicit-deny-in-identity-policy'
  | 'explicit-deny-in-resource-policy'
  | 'no-identity-policy-allows'
  | 'no-resource-policy-allows';

export type AccessDecision = {
  /** What is wrong with the statements that could not be evaluated and so counted against the request. */
  unevaluated: string[];
} & ({ allowed: true } | { allowed: false; reason: DenialReason });

type Verdict = 'allow' | 'deny' | 'delegate' | 'no match';

interface Evaluation {
  request: AccessRequest;
  caller: Caller;
  keys: ContextKeys;
  unevaluated: string[];
}

/** Decides on one action on one resource; an operation on several resources asks once for each. */
export function evaluateAccess(request: AccessRequest): AccessDecision {
  const evaluation = startEvaluation(request);
  const { unevaluated } = evaluation;
  const identity = judgePolicies(request.identityPolicies, 'identity', evaluation);
  const resource = judgePolicies(request.resourcePolicies ?? [], 'resource', evaluation);
  const denied = (reason: DenialReason): AccessDecision => ({ allowed: false, reason, unevaluated });

  if (identity.has('deny')) return denied('explicit-deny-in-identity-policy');
  if (resource.has('deny')) return denied('explicit-deny-in-resource-policy');
  if (resource.has('allow')) return { allowed: true, unevaluated };
  if (evaluation.caller.service !== undefined) return denied('no-resource-policy-allows');
  if (!identity.has('allow')) return denied('no-identity-policy-allows');
  if (hasKeyPolicy(request) && !resource.has('delegate')) return denied('no-resource-policy-allows');
  return { allowed: true, unevaluated };
}

const explanations: Record<DenialReason, (action: string) => string> = {
  'explicit-deny-in-identity-policy': () => 'with an explicit deny in an identity-based policy',
  'explicit-deny-in-resource-policy': () => 'with an explicit deny in a resource-based policy',
  'no-identity-policy-allows': action => `because no identity-based policy allows the ${action} action`,
  'no-resource-policy-allows': action => `because no resource-based policy allows the ${action} action`,
};

/** AWS's sentence for a denial, after "Troubleshoot access denied error messages". */
export function accessDeniedMessage(
  { principalArn, action, resource }: Pick<AccessRequest, 'principalArn' | 'action' | 'resource'>,
  decision: { reason: DenialReason },
): string {
  const denied = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource}`;
  return `${denied} ${explanations[decision.reason](action)}`;
}

/** Adds the condition keys that follow from the principal ("AWS global condition context keys"). */
function startEvaluation(request: AccessRequest): Evaluation {
  const keys = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(request.context ?? {})) {
    keys.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  const caller = describeCaller(request.principalArn, keys.get('aws:principalarn')?.[0]);
  keys.set('aws:principalisawsservice', [String(caller.service !== undefined)]);
  if (caller.service !== undefined) keys.set('aws:principalservicename', [caller.service]);
  const principalArn = caller.arns.at(-1);
  if (principalArn !== undefined) {
    keys.set('aws:principalarn', [principalArn]);
    keys.set('aws:principalaccount', [principalArn.split(':')[4] ?? '']);
  }
  return { request, caller, keys, unevaluated: [] };
}

/** "Key policies in AWS KMS": unless the key policy allows it, IAM policies can't give access to the key. */
function hasKeyPolicy({ action, resourcePolicies = [] }: AccessRequest): boolean {
  return /^kms:/i.test(action) && resourcePolicies.length > 0;
}

function judgePolicies(
  documents: readonly PolicyDocument[],
  policyType: 'identity' | 'resource',
  evaluation: Evaluation,
): Set<Verdict> {
  const { action, resource } = evaluation.request;
  const verdicts = documents.flatMap(document =>
    failClosed<Verdict[]>(['deny'], evaluation, () => {
      const resolve = variablesOf(document, evaluation.keys);
      const context = { ...evaluation, action, resource, resolve, policyType };
      return statementsOf(document).map(statement => judgeStatement(statement, context, evaluation));
    }),
  );
  return new Set(verdicts);
}

function judgeStatement(statement: unknown, context: StatementContext, evaluation: Evaluation): Verdict {
  const allows = isAllow(statement);
  return failClosed<Verdict>(allows ? 'no match' : 'deny', evaluation, () => {
    const match = matchStatement(statement, context);
    if (match === undefined) return 'no match';
    if (!allows) return 'deny';
    return match === 'account' ? 'delegate' : 'allow';
  });
}

function failClosed<T>(worst: T, { unevaluated }: Evaluation, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    unevaluated.push(error.message);
    return worst;
  }
}

function statementsOf(document: PolicyDocument): unknown[] {
  const { Version, Id, Statement, ...others } = Object.fromEntries(entriesOf(document, 'a policy document'));
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new PolicyError(`'${unknown}' is not an element of a policy document`);
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    throw new PolicyError('Version must be 2012-10-17 or 2008-10-17');
  }
  return Array.isArray(Statement) ? Statement : [Statement];
}

function isAllow(statement: unknown): boolean {
  return (
    typeof statement === 'object' &&
    statement !== null &&
    'Effect' in statement &&
    statement.Effect === 'Allow'
  );
}

/** Policy variables need Version 2012-10-17 and a key that has exactly one value in this request. */
function variablesOf(document: PolicyDocument, keys: ContextKeys): ResolveVariable {
  return key => {
    if (document.Version !== '2012-10-17') throw new PolicyError('variables need Version 2012-10-17');
    const [value, ...others] = keys.get(key.toLowerCase()) ?? [];
    if (value === undefined || others.length > 0) {
      throw new PolicyError(`the variable '${key}' has no single value`);
    }
    return value;
  };
}
