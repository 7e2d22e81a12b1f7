/** Sizes by the rules and the examples of "DynamoDB item sizes and formats". */
import { expect, it } from 'vitest';
import { type Item, itemBytes, projectedBytes } from '../../../../local/dynamodb/capacity/item-size.ts';

it.each<[string, Item, number]>([
  ['nothing', {}, 0],
  ['a string in UTF-8, as its name is', { größe: { S: 'süß' } }, 7 + 5],
  ['an emoji', { e: { S: '🛒' } }, 1 + 4],
  ['a binary by its raw bytes', { b: { B: 'AAECAw==' } }, 1 + 4],
  ['a truth', { t: { BOOL: false } }, 1 + 1],
  ['null', { n: { NULL: true } }, 1 + 1],
  ['an empty list', { l: { L: [] } }, 1 + 3],
  ['an empty map', { m: { M: {} } }, 1 + 3],
  ['a byte for each element of a list', { l: { L: [{ S: 'ab' }, { N: '7' }] } }, 1 + 3 + (1 + 2) + (1 + 2)],
  ['a byte for each member of a map', { m: { M: { a: { S: 'b' }, c: { NULL: true } } } }, 1 + 3 + 3 + 3],
  ['a list in a map', { m: { M: { l: { L: [{ BOOL: true }] } } } }, 1 + 3 + (1 + 1 + 3 + (1 + 1))],
  ['a set of strings', { s: { SS: ['ab', 'cde'] } }, 1 + 5],
  ['a set of numbers', { s: { NS: ['1', '1234'] } }, 1 + 2 + 3],
  ['a set of binaries', { s: { BS: ['AAE=', 'AA=='] } }, 1 + 3],
  ['several attributes', { k: { S: 'store-1' }, m: { N: '29734811' } }, 8 + 1 + 5],
])('%s', (_title, item, bytes) => {
  expect(itemBytes(item)).toBe(bytes);
});

it.each<[string, number]>([
  ['0', 1],
  ['0.00', 1],
  ['7', 2],
  ['27', 2],
  ['1200', 2],
  ['120', 3],
  ['123', 3],
  ['12.3', 3],
  ['0.5', 2],
  ['0.05', 2],
  ['0.005', 2],
  ['0.015', 3],
  ['-27', 3],
  ['1.5e3', 2],
  ['1E-130', 2],
  ['12345678901234567890123456789012345678', 20],
])('the number %s is a byte for two significant digits, and one', (number, bytes) => {
  expect(itemBytes({ n: { N: number } })).toBe(1 + bytes);
});

it('measures the named attributes alone', () => {
  expect(projectedBytes({ a: { S: 'x' }, b: { S: 'yyy' } }, ['b', 'missing'])).toBe(4);
});
