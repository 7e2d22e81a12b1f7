import { cidr, sameAddress } from './pattern-cidr.ts';
import { InvalidEventPatternError } from './pattern-error.ts';
import type { Accepts, FieldTest, Scalar } from './pattern-match.ts';
import { isObject } from './pattern-match.ts';
import { checkNumber, numeric } from './pattern-numeric.ts';
import { equalTo, ignoringCase, prefix, suffix, type TextTest, wildcard } from './pattern-text.ts';

type Operator = (operand: unknown, at: string) => Accepts;

const operators = new Map<string, Operator>([
  ['exactly', (operand, at) => onText(equalTo(requireText(operand, 'exact', at)))],
  ['prefix', (operand, at) => onText(affix('prefix', prefix, operand, at))],
  ['suffix', (operand, at) => onText(affix('suffix', suffix, operand, at))],
  [
    'equals-ignore-case',
    (operand, at) => onText(ignoringCase(equalTo, requireText(operand, 'equals-ignore-case', at))),
  ],
  ['wildcard', (operand, at) => onText(wildcard(requireText(operand, 'wildcard', at), at))],
  ['anything-but', anythingBut],
  ['numeric', numeric],
  ['cidr', cidr],
  ['exists', exists],
]);

/** AWS words a surplus key differently here. */
const countsElements = new Set(['numeric', 'anything-but']);

/** Parses the array that ends a path of the pattern: a field satisfies it by any one of the values. */
export function parseValues(values: readonly unknown[], at: string): FieldTest {
  if (values.length === 0) throw new InvalidEventPatternError('Empty arrays are not allowed', at);
  const exact = new Set<Scalar>();
  const tests: Accepts[] = [];
  let acceptsAbsence = false;
  for (const value of values) {
    if (isObject(value)) {
      const test = parseExpression(value, at);
      if (value.exists === false) acceptsAbsence = true;
      else tests.push(test);
    } else if (Array.isArray(value)) {
      throw new InvalidEventPatternError('Match value must be String, number, true, false, or null', at);
    } else {
      exact.add(value as Scalar);
      const test = typeof value === 'string' ? sameAddress(value) : undefined;
      if (test) tests.push(test);
    }
  }
  return { accepts: value => exact.has(value) || tests.some(test => test(value)), acceptsAbsence };
}

function parseExpression(expression: Record<string, unknown>, at: string): Accepts {
  const [first, ...surplus] = Object.entries(expression);
  if (!first) throw new InvalidEventPatternError('Match expression name not found', at);
  const [name, operand] = first;
  const operator = operators.get(name);
  if (!operator) throw new InvalidEventPatternError(`Unrecognized match type ${name}`, at);
  const test = operator(operand, at);
  if (surplus.length > 0) throw surplusKey(name, at);
  return test;
}

function surplusKey(name: string, at: string): InvalidEventPatternError {
  const reason = countsElements.has(name)
    ? 'Too many elements in numeric expression'
    : 'Only one key allowed in match expression';
  return new InvalidEventPatternError(reason, at);
}

function onText(test: TextTest): Accepts {
  return value => typeof value === 'string' && test(value);
}

function requireText(operand: unknown, operator: string, at: string): string {
  if (typeof operand === 'string') return operand;
  throw new InvalidEventPatternError(`${operator} match pattern must be a string`, at);
}

/** `prefix` and `suffix`: a string, or `{"equals-ignore-case": string}`. */
function affix(
  name: 'prefix' | 'suffix',
  make: (operand: string) => TextTest,
  operand: unknown,
  at: string,
): TextTest {
  if (!isObject(operand)) return make(requireText(operand, name, at));
  const title = name === 'prefix' ? 'Prefix' : 'Suffix';
  const [first, ...surplus] = Object.entries(operand);
  if (!first) throw new InvalidEventPatternError(`${title} expression name not found`, at);
  if (first[0] !== 'equals-ignore-case') {
    throw new InvalidEventPatternError(`Unsupported ${name} pattern: ${first[0]}`, at);
  }
  const test = ignoringCase(make, requireText(first[1], 'equals-ignore-case', at));
  if (surplus.length > 0) throw surplusKey(name, at);
  return test;
}

/** `{"exists": false}` accepts no value at all; that it accepts absence is for `parseValues` to say. */
function exists(operand: unknown, at: string): Accepts {
  if (typeof operand === 'boolean') return () => operand;
  throw new InvalidEventPatternError('exists match pattern must be either true or false.', at);
}

/**
 * Any leaf but those named, null, booleans and the other type included; a missing field never satisfies it.
 * In an array of the event one other element is enough.
 */
function anythingBut(operand: unknown, at: string): Accepts {
  if (isObject(operand)) {
    const tests = excludedTexts(operand, at);
    return value => !(typeof value === 'string' && tests.some(test => test(value)));
  }
  const excluded = new Set<Scalar>(excludedValues(operand, at));
  return value => !excluded.has(value);
}

function excludedValues(operand: unknown, at: string): Array<string | number> {
  const listed = requireList(operand, at).map(value => {
    if (typeof value === 'number') checkNumber(value, at);
    if (typeof value === 'number' || typeof value === 'string') return value;
    const reason = 'Inside anything but list, start|null|boolean is not supported.';
    throw new InvalidEventPatternError(reason, at);
  });
  if (new Set(listed.map(value => typeof value)).size === 1) return listed;
  const rule = 'either all values are number or string, mixed type is not supported';
  throw new InvalidEventPatternError(`Inside anything but list, ${rule}`, at);
}

const excludable = new Map<string, (operand: unknown, at: string) => TextTest>([
  ['prefix', (operand, at) => prefix(requireAffix(operand, at))],
  ['suffix', (operand, at) => suffix(requireAffix(operand, at))],
  ['equals-ignore-case', (operand, at) => ignoringCase(equalTo, requireAnyCase(operand, at))],
  ['wildcard', (operand, at) => wildcard(requireText(operand, 'wildcard', at), at)],
]);

function excludedTexts(operand: Record<string, unknown>, at: string): TextTest[] {
  const [first, ...surplus] = Object.entries(operand);
  if (!first) throw new InvalidEventPatternError('Anything-But expression name not found', at);
  const [name, excluded] = first;
  const make = excludable.get(name);
  if (!make) throw new InvalidEventPatternError(`Unsupported anything-but pattern: ${name}`, at);
  const list = requireList(excluded, at);
  if (list.length === 0) throw new InvalidEventPatternError('Empty arrays are not allowed', at);
  const tests = list.map(item => make(item, at));
  if (surplus.length > 0) throw surplusKey('anything-but', at);
  return tests;
}

function requireList(operand: unknown, at: string): readonly unknown[] {
  if (Array.isArray(operand)) return operand;
  if (typeof operand === 'string' || typeof operand === 'number') return [operand];
  const reason = 'Value of anything-but must be an array or single string/number value.';
  throw new InvalidEventPatternError(reason, at);
}

function requireAffix(operand: unknown, at: string): string {
  const text = requireText(operand, 'prefix/suffix', at);
  // Alone an empty prefix matches every string; excluded it would match none, and AWS refuses it.
  if (text === '') throw new InvalidEventPatternError('Null prefix/suffix not allowed', at);
  return text;
}

function requireAnyCase(operand: unknown, at: string): string {
  if (typeof operand === 'string') return operand;
  const types = 'number|start|null|boolean is not supported.';
  throw new InvalidEventPatternError(`Inside anything-but/equals-ignore-case list, ${types}`, at);
}
