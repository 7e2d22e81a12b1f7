/**
 * EventBridge's event patterns, for the rules of the bus and for TestEventPattern.
 *
 * The syntax is that of "Comparison operators for use in event patterns in Amazon EventBridge"; where the page
 * is silent the behaviour and the reasons are those of aws/event-ruler, the engine that AWS runs and publishes:
 * a dot in a key is the same as nesting; of two values for one path the last counts; `exists` and all other
 * operators see leaves only, so an object, an empty array and a missing parent are all absence; `exists: false`
 * inside an array is asked of the element that the fields before it (by name) lie in; strings that are IP
 * addresses match however they are written. The range of numbers is the page's (±5e9), not the ruler's newer one.
 *
 * Not emulated: the refusal "Rule is too complex" for many wildcards (matching here is linear, so nothing depends
 * on it) and the length limits of the pattern's text, which are the API's. Numbers are JavaScript's: two literals
 * that one double stands for are equal. Casing is compared by `toLowerCase`.
 */
import { InvalidEventPatternError } from './pattern-error.ts';
import { type Branch, compileBranches, type FieldTest, isObject } from './pattern-match.ts';
import { parseValues } from './pattern-operators.ts';

export { InvalidEventPatternError } from './pattern-error.ts';

/** A valid pattern, compiled once. */
export interface EventPattern {
  /** Whether the event, as parsed JSON, satisfies the pattern; anything but an object never does. */
  matches(event: unknown): boolean;
}

/** AWS refuses a pattern whose `$or`s multiply to more combinations ("Comparison operators …", on `$or`). */
const maxBranches = 1000;

/** The depth at which the JSON parser that AWS uses gives up. */
const maxDepth = 1000;

/** Event-ruler keeps these from being field names below `$or`, some for operators that don't exist yet. */
const reservedInOr = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric'],
  ...['cidr', '=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
]);

/** Where the parser is. */
interface Place {
  /** The field's dotted path in the event. */
  field: string;
  /** The same in the pattern, `$or` and its indexes included. */
  at: string;
  depth: number;
  insideOr: boolean;
}

/**
 * Validates a pattern and compiles it.
 *
 * @param pattern the parsed JSON
 * @throws InvalidEventPatternError naming AWS's reason and the path
 */
export function parseEventPattern(pattern: unknown): EventPattern {
  if (!isObject(pattern)) throw new InvalidEventPatternError('Filter is not an object', '');
  const top: Place = { field: '', at: '', depth: 1, insideOr: false };
  return { matches: compileBranches(parseObject(pattern, top, [new Map()])) };
}

/** Adds all fields of an object to each branch found so far; each `$or` in it multiplies them. */
function parseObject(
  pattern: Record<string, unknown>,
  place: Place,
  branches: readonly Branch[],
): readonly Branch[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new InvalidEventPatternError('Empty objects are not allowed', place.at);
  if (place.depth > maxDepth) {
    throw new InvalidEventPatternError(`Document nesting depth exceeds ${maxDepth}`, '');
  }
  let result = branches;
  for (const [key, value] of entries) {
    result = key === '$or' ? parseOr(value, place, result) : parseField(key, value, place, result);
  }
  return result;
}

function parseField(key: string, value: unknown, outer: Place, branches: readonly Branch[]) {
  const at = join(outer.at, key);
  if (outer.insideOr && reservedInOr.has(key)) {
    const reason = `${key} is Ruler reserved fieldName which cannot be used inside $or.`;
    throw new InvalidEventPatternError(reason, at);
  }
  const field = join(outer.field, key);
  if (Array.isArray(value)) return withField(branches, field, parseValues(value, at));
  if (isObject(value)) return parseObject(value, { ...outer, field, at, depth: outer.depth + 1 }, branches);
  throw new InvalidEventPatternError(`"${key}" must be an object or an array`, at);
}

function withField(branches: readonly Branch[], field: string, test: FieldTest): readonly Branch[] {
  return branches.map(branch => new Map(branch).set(field, test));
}

/** `$or` applies to the object that it stands in: one branch for each of its objects, all with what came before. */
function parseOr(value: unknown, outer: Place, branches: readonly Branch[]): readonly Branch[] {
  const at = join(outer.at, '$or');
  if (!Array.isArray(value)) throw new InvalidEventPatternError('It must be an Array followed with $or.', at);
  const result: Branch[] = [];
  for (const [index, item] of value.entries()) {
    const place = { ...outer, at: `${at}[${index}]`, depth: outer.depth + 1, insideOr: true };
    if (!isObject(item)) {
      const reason = 'Only JSON object is allowed in array of $or relationship.';
      throw new InvalidEventPatternError(reason, place.at);
    }
    result.push(...parseObject(item, place, branches));
    if (result.length > maxBranches) {
      throw new InvalidEventPatternError(`Over ${maxBranches} rule combinations by $or`, at);
    }
  }
  if (value.length >= 2) return result;
  throw new InvalidEventPatternError('There must have at least 2 Objects in $or relationship.', at);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
