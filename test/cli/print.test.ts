import { expect, it } from 'vitest';
import { escapeControls } from '../../cli/print.ts';

it.each<[string, string, string]>([
  ['an escape sequence', '\u001b[2J', '\\u001b[2J'],
  ['a line break and a carriage return', 'a\nb\rc', 'a\\u000ab\\u000dc'],
  ['a C1 control', '\u009b31m', '\\u009b31m'],
  ['DEL', 'a\u007f', 'a\\u007f'],
  ['a mark that turns the writing around', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['a separator that ends a line', 'a\u2028b', 'a\\u2028b'],
])('%s is printed as text', (_, text, printed) => {
  expect(escapeControls(text)).toBe(printed);
});

it('what people write stays as it is, and so does what a JSON text says', () => {
  const written = 'Käse 1,99 € · „ok“ 特价 \u{1f6d2}';
  expect(escapeControls(written)).toBe(written);
  const value = { reason: 'a\u001b[2J\u009b\u202e' };
  expect(JSON.parse(escapeControls(JSON.stringify(value)))).toEqual(value);
});
