import { InvalidEventPatternError } from './pattern-error.ts';

/** The operators on strings, as tests that `pattern-operators.ts` applies plainly or inside `anything-but`. */
export type TextTest = (text: string) => boolean;

export function prefix(start: string): TextTest {
  return text => text.startsWith(start);
}

export function suffix(end: string): TextTest {
  return text => text.endsWith(end);
}

/** Applies a test to any casing; `make` gets the operand in the casing that the texts are brought into. */
export function ignoringCase(make: (operand: string) => TextTest, operand: string): TextTest {
  const test = make(operand.toLowerCase());
  return text => test(text.toLowerCase());
}

export function equalTo(expected: string): TextTest {
  return text => text === expected;
}

/** `*` stands for any characters or none; `\*` and `\\` are the characters themselves. */
export function wildcard(pattern: string, at: string): TextTest {
  const [start = '', ...middle] = splitAtStars(pattern, at);
  const end = middle.pop();
  if (end === undefined) return equalTo(start);
  // The leftmost place for each part leaves the most room for the rest, so nothing is ever tried twice.
  return text => {
    if (!text.startsWith(start)) return false;
    let position = start.length;
    for (const part of middle) {
      const found = text.indexOf(part, position);
      if (found < 0) return false;
      position = found + part.length;
    }
    return text.length - end.length >= position && text.endsWith(end);
  };
}

function splitAtStars(pattern: string, at: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    const next = pattern.charAt(i + 1);
    if (character === '*') {
      if (next === '*') throw wildcardError('Consecutive wildcard characters', pattern, i, at);
      parts.push(part);
      part = '';
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') throw wildcardError('Invalid escape character', pattern, i, at);
      part += next;
      i++;
    } else {
      part += character;
    }
  }
  return [...parts, part];
}

/** AWS counts the bytes of the string with its opening quote. */
function wildcardError(reason: string, pattern: string, index: number, at: string): InvalidEventPatternError {
  const position = 1 + Buffer.byteLength(pattern.slice(0, index));
  return new InvalidEventPatternError(`${reason} at pos ${position}`, at);
}
