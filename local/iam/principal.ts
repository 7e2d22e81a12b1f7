/**
 * Who asks, and whether a resource policy's Principal or NotPrincipal means that caller
 * ("AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal").
 */
import { entriesOf, PolicyError, stringsOf } from './policy.ts';

/** A caller under every name that a policy can give it. */
export interface Caller {
  /** `events.amazonaws.com` for a service that calls on its own account. */
  service?: string;
  /** The account that the caller belongs to, as its root ARN; a service has none. */
  accountArn?: string;
  /** The session's own ARN and, behind an assumed role, the role's; the last is `aws:PrincipalArn`. */
  arns: string[];
}

/** 'account' is the caller's account: it delegates to identity policies and allows nobody by itself. */
export type PrincipalMatch = 'caller' | 'account';

/**
 * Takes a principal ARN or a service principal's name. An assumed role's ARN doesn't show the role's path,
 * so a role with one needs `aws:PrincipalArn` in the request context.
 */
export function describeCaller(principal: string, principalArn?: string): Caller {
  if (!principal.startsWith('arn:')) return { service: principal, arns: [] };
  const [, partition, , , account, name = ''] = principal.split(':');
  const [, role] = /^assumed-role\/([^/]+)\//.exec(name) ?? [];
  const entity = principalArn ?? (role ? `arn:${partition}:iam::${account}:role/${role}` : principal);
  return {
    accountArn: `arn:${partition}:iam::${account}:root`,
    arns: [...new Set([principal, entity])],
  };
}

/** How a Principal element means the caller, if at all. */
export function matchPrincipal(element: unknown, caller: Caller): PrincipalMatch | undefined {
  const named = principalsOf(element);
  if (named.has('*') || namesOf(caller).some(name => named.has(name))) return 'caller';
  return caller.accountArn !== undefined && named.has(caller.accountArn) ? 'account' : undefined;
}

/**
 * Whether a NotPrincipal element leaves the caller out. AWS checks the account, the role and the session one
 * after the other, so each of them must be listed for the caller to escape.
 */
export function excludesPrincipal(element: unknown, caller: Caller): boolean {
  const named = principalsOf(element);
  const names = caller.accountArn === undefined ? namesOf(caller) : [...namesOf(caller), caller.accountArn];
  return named.has('*') || names.every(name => named.has(name));
}

function namesOf(caller: Caller): string[] {
  return caller.service === undefined ? caller.arns : [caller.service];
}

function principalsOf(element: unknown): Set<string> {
  if (element === '*') return new Set(['*']);
  const principals = entriesOf(element, 'Principal').flatMap(([type, values]) =>
    stringsOf(values, `Principal ${type}`).map(value => principalName(type, value)),
  );
  if (principals.length === 0) throw new PolicyError('Principal must not be empty');
  return new Set(principals);
}

/** Wildcards can't stand for a part of a name, and unique ids such as AROA... can't be told apart here. */
function principalName(type: string, value: string): string {
  if (type === 'AWS' && value === '*') return '*';
  if (type === 'AWS' && /^\d{12}$/.test(value)) return `arn:aws:iam::${value}:root`;
  if (type === 'AWS' && /^arn:[a-z-]+:(iam|sts)::\d{12}:[^*?$]+$/.test(value)) return value;
  if (type === 'Service' && /^[a-z0-9.-]+$/.test(value)) return value;
  // Nobody signs in to the local cloud through an identity provider: such a principal is never the caller.
  if (type === 'Federated') return `federated:${value}`;
  throw new PolicyError(`'${type}: ${value}' is not a known principal`);
}
