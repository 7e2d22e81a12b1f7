/** What a table's items look like, and what becomes of one that does not fit. */
import { describe, expect, it } from 'vitest';
import {
  bytes,
  type Codec,
  expiry,
  flag,
  type Item,
  json,
  listOf,
  mapOf,
  number,
  oneOf,
  text,
  textSet,
} from '../../../lambdas/aws/codecs.ts';
import { compile, expression, join } from '../../../lambdas/aws/expression.ts';
import { ItemMismatchError, ItemSchema, optional, short } from '../../../lambdas/aws/item-schema.ts';

const visit = new ItemSchema(
  'visits',
  { storeId: text, day: number },
  {
    groups: short('g', textSet),
    counts: mapOf(number),
    left: optional(expiry),
  },
);
const record = { storeId: 's1', day: 7, groups: ['a'], counts: { EUR: 2 }, left: undefined };
const item: Item = {
  storeId: { S: 's1' },
  day: { N: '7' },
  g: { SS: ['a'] },
  counts: { M: { EUR: { N: '2' } } },
};

describe('an item', () => {
  it('has the names of its schema, the short ones where there are, and nothing that has no value', () => {
    expect(visit.encode(record)).toEqual(item);
    expect(visit.key(record)).toEqual({ storeId: { S: 's1' }, day: { N: '7' } });
  });

  it('comes back as it was written', () => {
    expect(visit.decode(item)).toEqual({ ...record });
  });

  it.each<[string, Item, string]>([
    ['lacks an attribute', { ...item, g: undefined as never }, 'g'],
    ['has one of another type', { ...item, counts: { S: '2' } }, 'counts'],
    ['has a number that is none', { ...item, counts: { M: { EUR: { N: 'two' } } } }, 'counts'],
    ['has another type where it may have none', { ...item, left: { S: 'yesterday' } }, 'left'],
  ])('that %s is an error with the table, the key and the attribute', (_title, unfit, attribute) => {
    const message = `the item s1 7 of the table visits has no valid attribute ${attribute}`;
    expect(() => visit.decode(unfit)).toThrow(new ItemMismatchError('visits', 's1 7', attribute));
    expect(() => visit.decode(unfit)).toThrow(message);
  });
});

// A codec of one type is given to the table as one of all.
const roundTrips: [string, Codec<never>, unknown, object][] = [
  ['a text', text, 'ü', { S: 'ü' }],
  ['a number', number, -1.5, { N: '-1.5' }],
  ['a time to expire, never early', expiry, 1_700_000_000_001, { N: '1700000001' }],
  ['a flag', flag, false, { BOOL: false }],
  ['bytes', bytes, new Uint8Array([1]), { B: new Uint8Array([1]) }],
  ['one of some texts', oneOf('a', 'b'), 'b', { S: 'b' }],
  ['JSON', json(), { a: null }, { S: '{"a":null}' }],
  ['a list', listOf(text), ['a', 'a'], { L: [{ S: 'a' }, { S: 'a' }] }],
  [
    'a map with any name',
    mapOf(number),
    JSON.parse('{"__proto__":1}'),
    { M: JSON.parse('{"__proto__":{"N":"1"}}') },
  ],
] as never;

describe('an attribute', () => {
  it.each(roundTrips)('holds %s', (_title, codec, value, attribute) => {
    expect(codec.encode(value as never)).toEqual(attribute);
    const expected = codec === (expiry as never) ? 1_700_000_001_000 : value;
    expect(codec.decode(attribute as never)).toEqual(expected);
  });

  it.each<[string, Codec<never>, object]>([
    ['a text for a number', number, { S: '1' }],
    ['no known text', oneOf('a'), { S: 'b' }],
    ['what is no JSON', json(), { S: '{' }],
    ['no list', listOf(text), { S: 'a' }],
    ['a list with something else in it', listOf(text), { L: [{ N: '1' }] }],
  ] as never)('with %s holds no value', (_title, codec, attribute) => {
    expect(codec.decode(attribute as never)).toBeUndefined();
  });
});

describe('an expression', () => {
  const { counts, day, groups } = visit.attributes;

  it('names each attribute once, by its name in the table, and each value by its type', () => {
    const sum = counts.at('a.b');
    const compiled = compile({
      UpdateExpression: expression`SET ${join([groups.is(['a']), expression`${sum} = ${sum} + ${day.value(1)}`], ', ')}`,
      ConditionExpression: expression`${day.is(7)} AND attribute_exists(${groups})`,
      FilterExpression: undefined,
    });
    expect(compiled).toEqual({
      UpdateExpression: 'SET #0 = :0, #1.#2 = #1.#2 + :1',
      ConditionExpression: '#3 = :2 AND attribute_exists(#0)',
      ExpressionAttributeNames: { '#0': 'g', '#1': 'counts', '#2': 'a.b', '#3': 'day' },
      ExpressionAttributeValues: { ':0': { SS: ['a'] }, ':1': { N: '1' }, ':2': { N: '7' } },
    });
  });

  it('that is left out leaves nothing behind', () => {
    expect(compile({ ConditionExpression: undefined })).toEqual({});
  });
});
