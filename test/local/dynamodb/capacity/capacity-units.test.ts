/** Units by the examples of "DynamoDB read and write operations" and "Using Global Secondary Indexes in DynamoDB". */
import { describe, expect, it } from 'vitest';
import {
  type IndexShape,
  indexWrites,
  readUnits,
  writeUnits,
} from '../../../../local/dynamodb/capacity/capacity-units.ts';
import type { Item } from '../../../../local/dynamodb/capacity/item-size.ts';

const KB = 1_024;

it.each<[string, number, boolean, number]>([
  ['3,500 bytes as 4 KB', 3_500, true, 1],
  ['8 KB consistently', 8 * KB, true, 2],
  ['8 KB eventually', 8 * KB, false, 1],
  ['3.5 KB as 4 KB', 3.5 * KB, true, 1],
  ['10 KB as 12 KB', 10 * KB, true, 3],
  ['a query of 40.8 KB as 44 KB', 40.8 * KB, true, 11],
  ['what is not there', 0, false, 0.5],
])('reads %s', (_title, bytes, isConsistent, units) => {
  expect(readUnits(bytes, isConsistent)).toBe(units);
});

it.each<[string, number, number]>([
  ['500 bytes as 1 KB', 500, 1],
  ['1 KB', KB, 1],
  ['2 KB', 2 * KB, 2],
  ['a byte more', 2 * KB + 1, 3],
  ['nothing', 0, 1],
])('writes %s', (_title, bytes, units) => {
  expect(writeUnits(bytes)).toBe(units);
});

describe('an index of what is open, by due day, with the amount', () => {
  const shape: IndexShape = {
    name: 'due',
    hashKey: 'day',
    keys: ['day', 'hour'],
    attributes: ['day', 'hour', 'k', 'amount'],
  };
  const item = (attributes: Item = {}): Item => ({
    k: { S: 'a' },
    day: { S: 'mon' },
    hour: { N: '8' },
    amount: { N: '1' },
    note: { S: 'x' },
    ...attributes,
  });
  const { hour: _, ...withoutKey } = item();
  const large = { S: 'x'.repeat(1_500) };
  const write = (partition: string, units = 1) => ({ index: 'due', partition, units });

  it.each<[string, Item | undefined, Item | undefined, object[]]>([
    ['one write for a new item', undefined, item(), [write('mon')]],
    ['one write for an item that goes', item(), undefined, [write('mon')]],
    ['one write where the index key comes', withoutKey, item(), [write('mon')]],
    ['one write where the index key goes', item(), withoutKey, [write('mon')]],
    [
      'two writes where the index key changes',
      item(),
      item({ day: { S: 'tue' } }),
      [write('mon'), write('tue')],
    ],
    [
      'two writes where the sort key changes',
      item(),
      item({ hour: { N: '9' } }),
      [write('mon'), write('mon')],
    ],
    ['one write where a projected attribute changes', item(), item({ amount: { N: '2' } }), [write('mon')]],
    ['none where what changes is not projected', item(), item({ note: { S: 'y' } }), []],
    ['none where nothing changes', item(), item(), []],
    ['none for items that it does not hold', withoutKey, { ...withoutKey, note: { S: 'y' } }, []],
    ['by the size of its own entry', undefined, item({ note: large }), [write('mon')]],
    ['by the larger of both entries', item({ amount: large }), item(), [write('mon', 2)]],
  ])('costs %s', (_title, before, after, writes) => {
    expect(indexWrites(shape, before, after)).toEqual(writes);
  });

  it('costs one write for any change where it holds whole items', () => {
    const whole = { ...shape, attributes: undefined };
    expect(indexWrites(whole, item(), item({ note: large }))).toEqual([write('mon', 2)]);
    expect(indexWrites(whole, item(), item())).toEqual([]);
  });
});
