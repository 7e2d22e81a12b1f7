/** JSON values as they came from outside: copied, and written in one form whatever the order of their keys. */

/** Objects and lists in each other. `JSON.stringify` calls itself, and ends in a RangeError some thousands deep. */
const MOST_DEPTH = 32;

/** A number of a JSON text; one that no double holds exactly is kept by its digits, and `JSON.stringify` writes them. */
export type JsonNumber = number | { readonly rawJSON: string };

declare global {
  interface JSON {
    /** Of ECMAScript 2026; Node has it since 21. */
    rawJSON(text: string): { readonly rawJSON: string };
  }
}

/** @param digits of a decimal number, without an exponent */
export function jsonNumber(digits: string): JsonNumber {
  const number = Number(digits);
  return String(number) === digits ? number : JSON.rawJSON(digits);
}

/** A value that JSON can't carry, or that is nested too deep. */
export class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
}

/**
 * A copy that shares nothing with the original; what JSON leaves out (undefined, functions) is left out.
 *
 * @throws NotJsonError for a bigint, and past 32 levels, which a circle is too
 */
export function jsonCopy(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') throw new NotJsonError('holds a bigint, which JSON does not have');
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MOST_DEPTH) throw new NotJsonError(`is nested more than ${MOST_DEPTH} levels deep`);
  if (Array.isArray(value)) return value.map(item => jsonCopy(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined && typeof item !== 'function') setOwn(copy, key, jsonCopy(item, depth + 1));
  }
  return copy;
}

/** JSON whose keys are in order, so that equal content is equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  // Assigned, `__proto__` would become the prototype.
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
