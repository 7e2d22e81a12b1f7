import { InvalidEventPatternError } from './pattern-error.ts';
import { type Accepts, isObject } from './pattern-match.ts';

/** The range of numeric matching, inclusive ("Comparison operators for use in event patterns"). */
const limit = 5e9;

type Bound = (value: number) => boolean;

const bounds = new Map<unknown, (operand: number) => Bound>([
  ['=', operand => value => value === operand],
  ['<', operand => value => value < operand],
  ['<=', operand => value => value <= operand],
  ['>', operand => value => value > operand],
  ['>=', operand => value => value >= operand],
]);

/** The operand of `numeric`: one comparison, or a lower and then an upper bound. */
export function numeric(operand: unknown, at: string): Accepts {
  if (!Array.isArray(operand)) throw new InvalidEventPatternError('Value of numeric must be an array.', at);
  const [operator, value, ...upper] = operand;
  const lower = bound(operator, value, at);
  const second = upper.length > 0 ? upperBound(operator, value, upper, at) : undefined;
  return candidate =>
    typeof candidate === 'number' &&
    Math.abs(candidate) <= limit &&
    lower(candidate) &&
    (second === undefined || second(candidate));
}

/** Throws for a number that EventBridge can't compare; `anything-but` has the same range. */
export function checkNumber(value: number, at: string): void {
  if (Math.abs(value) <= limit) return;
  throw new InvalidEventPatternError('Value must be between -5.0E9 and 5.0E9, inclusive', at);
}

function bound(operator: unknown, operand: unknown, at: string): Bound {
  if (typeof operator !== 'string') {
    throw new InvalidEventPatternError(`Invalid member in numeric match: ${token(operator)}`, at);
  }
  const compare = bounds.get(operator);
  if (!compare) throw new InvalidEventPatternError(`Unrecognized numeric range operator: ${operator}`, at);
  if (typeof operand !== 'number') {
    const name = operator === '=' ? 'equals' : operator;
    throw new InvalidEventPatternError(`Value of ${name} must be numeric`, at);
  }
  checkNumber(operand, at);
  return compare(operand);
}

function upperBound(lowerOperator: unknown, lower: number, rest: readonly unknown[], at: string): Bound {
  const [operator, upper, ...surplus] = rest;
  if (lowerOperator !== '>' && lowerOperator !== '>=') {
    throw new InvalidEventPatternError('Too many elements in numeric expression', at);
  }
  if (typeof operator !== 'string') {
    throw new InvalidEventPatternError(`Bad value in numeric range: ${token(operator)}`, at);
  }
  if (operator !== '<' && operator !== '<=') {
    throw new InvalidEventPatternError(`Bad numeric range operator: ${operator}`, at);
  }
  const test = bound(operator, upper, at);
  if (surplus.length > 0) {
    throw new InvalidEventPatternError('Too many terms in numeric range expression', at);
  }
  if (lower >= Number(upper)) throw new InvalidEventPatternError('Bottom must be less than top', at);
  return test;
}

/** The token that AWS's parser stands on: never a whole object, and the closing bracket if nothing is left. */
function token(member: unknown): string {
  if (member === undefined) return ']';
  if (Array.isArray(member)) return '[';
  return isObject(member) ? '{' : String(member);
}
