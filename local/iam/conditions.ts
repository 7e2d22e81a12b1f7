/**
 * The Condition element, after "IAM JSON policy elements: Condition operators" and "Single-valued vs.
 * multivalued context keys". Date, binary and IP operators are not known here and so fail closed.
 */
import { entriesOf, PolicyError, stringsOf } from './policy.ts';
import { arnPattern, literalText, type ResolveVariable, stringPattern } from './wildcard.ts';

/** The request context; condition keys are compared without regard to case, so these are in lower case. */
export type ContextKeys = ReadonlyMap<string, readonly string[]>;

type Test = (actual: string) => boolean;
type Comparison = (expected: string, resolve: ResolveVariable) => Test;

const comparisons = new Map<string, Comparison>([
  ['StringEquals', (expected, resolve) => equalTo(literalText(expected, resolve))],
  ['StringEqualsIgnoreCase', (expected, resolve) => equalIgnoringCase(literalText(expected, resolve))],
  ['StringLike', (expected, resolve) => matching(stringPattern(expected, resolve))],
  ['ArnEquals', (expected, resolve) => matching(arnPattern(expected, resolve))],
  ['ArnLike', (expected, resolve) => matching(arnPattern(expected, resolve))],
  ['NumericEquals', numeric((actual, expected) => actual === expected)],
  ['NumericLessThan', numeric((actual, expected) => actual < expected)],
  ['NumericLessThanEquals', numeric((actual, expected) => actual <= expected)],
  ['NumericGreaterThan', numeric((actual, expected) => actual > expected)],
  ['NumericGreaterThanEquals', numeric((actual, expected) => actual >= expected)],
  ['Bool', (expected, resolve) => equalIgnoringCase(`${booleanOf(literalText(expected, resolve))}`)],
]);

const negations = new Map([
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
  ['NumericNotEquals', 'NumericEquals'],
]);

/** Whether every operator and every key of a Condition element holds; no element at all always does. */
export function matchesConditions(condition: unknown, keys: ContextKeys, resolve: ResolveVariable): boolean {
  if (condition === undefined) return true;
  return entriesOf(condition, 'Condition').every(([operator, block]) => {
    const conditions = entriesOf(block, operator);
    if (conditions.length === 0) throw new PolicyError(`${operator} must name a condition key`);
    return conditions.every(([key, values]) =>
      holds(operator, keys.get(key.toLowerCase()) ?? [], conditionValues(values, key), resolve),
    );
  });
}

function holds(
  operator: string,
  actual: readonly string[],
  expected: string[],
  resolve: ResolveVariable,
): boolean {
  if (operator === 'Null') return expected.some(value => booleanOf(value) === (actual.length === 0));
  const { quantifier, comparison, negated, ifExists } = parseOperator(operator);
  // Read before the key's absence decides: a value that can't be read fails closed even then.
  const tests = expected.map(value => comparison(value, resolve));
  const matches = (value: string): boolean => tests.some(test => test(value)) !== negated;

  const [only, ...others] = actual;
  if (only === undefined) return ifExists || (quantifier ? quantifier === 'ForAllValues' : negated);
  if (quantifier === 'ForAllValues') return actual.every(matches);
  if (quantifier === 'ForAnyValue') return actual.some(matches);
  if (others.length > 0) throw new PolicyError(`${operator} needs ForAllValues or ForAnyValue here`);
  return matches(only);
}

function parseOperator(operator: string): {
  quantifier: string | undefined;
  comparison: Comparison;
  negated: boolean;
  ifExists: boolean;
} {
  const [, quantifier, name = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  const comparison = comparisons.get(negations.get(name) ?? name);
  if (!comparison) throw new PolicyError(`'${operator}' is not a known condition operator`);
  return { quantifier, comparison, negated: negations.has(name), ifExists: ifExists !== undefined };
}

/** Policies also write `true` and `10` without quotes. */
function conditionValues(values: unknown, key: string): string[] {
  const list = Array.isArray(values) ? values : [values];
  const plain = list.map(item =>
    typeof item === 'boolean' || typeof item === 'number' ? String(item) : item,
  );
  return stringsOf(plain, `the condition on ${key}`);
}

function equalTo(expected: string): Test {
  return actual => actual === expected;
}

function equalIgnoringCase(expected: string): Test {
  return actual => actual.toLowerCase() === expected.toLowerCase();
}

function matching(pattern: RegExp): Test {
  return actual => pattern.test(actual);
}

function numeric(compare: (actual: number, expected: number) => boolean): Comparison {
  return expected => {
    const bound = numberOf(expected);
    return actual => compare(numberOf(actual), bound);
  };
}

/** `Number` alone would read an empty string as 0. */
function numberOf(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new PolicyError(`'${text}' is not a number`);
  return Number(text);
}

function booleanOf(text: string): boolean {
  if (!/^(true|false)$/i.test(text)) throw new PolicyError(`'${text}' is neither true nor false`);
  return text.toLowerCase() === 'true';
}
