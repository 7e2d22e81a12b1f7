/**
 * Patterns of the policy language: `*`, `?` and policy variables, which mean something slightly different
 * in an action, a resource and an ARN condition. A variable's value is always taken literally.
 */
import { PolicyError } from './policy.ts';

/** Gives the value of a policy variable; throws a `PolicyError` if the request has none. */
export type ResolveVariable = (key: string) => string;

type Token = { wildcard: '*' | '?' } | { literal: string };

/** A condition value of the String...Like operators. */
export function stringPattern(text: string, resolve: ResolveVariable): RegExp {
  return compile(tokenize(text, resolve), () => true);
}

/** A condition value of the operators that know no wildcards; its variables are resolved. */
export function literalText(text: string, resolve: ResolveVariable): string {
  return tokenize(text, resolve)
    .map(token => ('literal' in token ? token.literal : token.wildcard))
    .join('');
}

/**
 * Patterns without variables mean the same for every request, and there are as many as the template has: compiling them
 * anew would cost most of the time of a post.
 */
const actionPatterns = new Map<string, RegExp>();
const resourcePatterns = new Map<string, RegExp>();

function remembered(patterns: Map<string, RegExp>, text: string, create: () => RegExp): RegExp {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  const pattern = create();
  patterns.set(text, pattern);
  return pattern;
}

/** Actions are compared without regard to case; the service part takes no wildcard, except as `*:*`. */
export function actionPattern(text: string): RegExp {
  return remembered(actionPatterns, text, () => compileAction(text));
}

function compileAction(text: string): RegExp {
  if (!/^(\*|(\*|[a-z0-9-]+):[a-z0-9*?]+)$/i.test(text)) {
    throw new PolicyError(`'${text}' is not an action`);
  }
  return compile(tokenize(text, noVariables), () => true, 'i');
}

/**
 * "IAM JSON policy elements: Resource": a wildcard stays within its segment, the parts between colons; only a
 * `*` that ends a segment reaches beyond it. The service segment takes none.
 */
export function resourcePattern(text: string, resolve: ResolveVariable): RegExp {
  if (text.includes('${')) return compileResource(text, resolve);
  return remembered(resourcePatterns, text, () => compileResource(text, resolve));
}

function compileResource(text: string, resolve: ResolveVariable): RegExp {
  if (text !== '*' && !/^arn:[^:]+:[a-z0-9-]+:/.test(text)) {
    throw new PolicyError(`'${text}' is not the ARN of a resource`);
  }
  return compile(
    tokenize(text, resolve),
    ({ wildcard, next }) => wildcard === '*' && (next === undefined || startsSegment(next)),
  );
}

/**
 * "IAM JSON policy elements: Condition operators": an ARN operator compares the six components one by one,
 * so a wildcard crosses a colon only in the last of them.
 */
export function arnPattern(text: string, resolve: ResolveVariable): RegExp {
  const tokens = tokenize(text, resolve);
  if (countColons(tokens) < 5) throw new PolicyError(`'${text}' is not an ARN`);
  return compile(tokens, ({ before }) => countColons(before) >= 5);
}

function tokenize(text: string, resolve: ResolveVariable): Token[] {
  const tokens: Token[] = [];
  for (const [part, variable] of text.matchAll(/\$\{([^}]*)\}|[*?]|\$\{?|[^*?$]+/g)) {
    if (variable !== undefined) tokens.push({ literal: variableText(variable, resolve) });
    else if (part === '${') throw new PolicyError(`'${text}' has a variable that is not closed`);
    else if (part === '*' || part === '?') tokens.push({ wildcard: part });
    else tokens.push({ literal: part });
  }
  return tokens;
}

/** `${*}`, `${?}` and `${$}` are how a policy writes these characters themselves. */
function variableText(variable: string, resolve: ResolveVariable): string {
  return variable === '*' || variable === '?' || variable === '$' ? variable : resolve(variable);
}

function noVariables(key: string): never {
  throw new PolicyError(`an action can't hold the variable '${key}'`);
}

function compile(
  tokens: Token[],
  crossesColon: (place: { wildcard: '*' | '?'; before: Token[]; next: Token | undefined }) => boolean,
  flags = '',
): RegExp {
  const parts = tokens.map((token, index) => {
    if ('literal' in token) return token.literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const { wildcard } = token;
    const place = { wildcard, before: tokens.slice(0, index), next: tokens[index + 1] };
    const any = crossesColon(place) ? '[^]' : '[^:]';
    return wildcard === '*' ? `${any}*` : any;
  });
  return new RegExp(`^${parts.join('')}$`, flags);
}

function startsSegment(token: Token): boolean {
  return 'literal' in token && token.literal.startsWith(':');
}

function countColons(tokens: Token[]): number {
  return tokens.reduce(
    (sum, token) => sum + ('literal' in token ? token.literal.split(':').length - 1 : 0),
    0,
  );
}
