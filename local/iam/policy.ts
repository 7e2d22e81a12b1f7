/**
 * What a policy document may hold, and the one error that says it holds something else.
 * Documents come out of a template as untrusted JSON, so the types describe what is meant and every element
 * is checked when it is read: a document that is half understood must never allow anything.
 */
export type OneOrMany<T> = T | T[];

export interface PolicyStatement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, OneOrMany<string>>;
  NotPrincipal?: '*' | Record<string, OneOrMany<string>>;
  Action?: OneOrMany<string>;
  NotAction?: OneOrMany<string>;
  Resource?: OneOrMany<string>;
  NotResource?: OneOrMany<string>;
  Condition?: Record<string, Record<string, OneOrMany<string | number | boolean>>>;
}

/** An IAM policy whose intrinsic functions are already resolved to plain strings. */
export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: OneOrMany<PolicyStatement>;
}

/** A statement that can't be evaluated; the caller decides against the request. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** The entries of a JSON object; anything else is a `PolicyError`. */
export function entriesOf(value: unknown, element: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PolicyError(`${element} must be an object`);
  }
  return Object.entries(value);
}

/**
 * The strings of an element that takes one or many. An empty list is refused: under NotAction or NotResource
 * it would match everything.
 */
export function stringsOf(value: unknown, element: string): string[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new PolicyError(`${element} must not be an empty list`);
  return values.map(item => {
    if (typeof item !== 'string') throw new PolicyError(`${element} must be a string or a list of strings`);
    return item;
  });
}
