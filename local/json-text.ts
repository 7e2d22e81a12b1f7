/**
 * JSON from outside. A text of some KB can be nested so deep that a walk of its value runs out of stack. So the text is
 * checked for depth before it is parsed.
 */

/** Deeper than anything that a service of AWS takes, and far from what a walk of the value can bear. */
const MOST_LEVELS = 1_000;

/** @throws SyntaxError also where it is nested deeper than 1,000 levels */
export function parseJson(text: string): unknown {
  // Each level takes a character.
  if (text.length > MOST_LEVELS && isNestedDeeper(text, MOST_LEVELS)) {
    throw new SyntaxError(`JSON is nested deeper than ${MOST_LEVELS} levels`);
  }
  return JSON.parse(text);
}

/** @throws SyntaxError also where it is `null`, a list or a single value */
export function parseJsonObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (isObject(value)) return value;
  throw new SyntaxError('JSON is not an object');
}

/** A JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Brackets in strings don't count. The parser refuses what is no JSON. */
function isNestedDeeper(text: string, levels: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > levels) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}
