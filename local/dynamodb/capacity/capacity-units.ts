/** Read and write units by bytes ("DynamoDB read and write operations"), and what a write costs each index. */
import { blocks } from '../../usage.ts';
import { isSame } from '../same-item.ts';
import { type Item, itemBytes, projectedBytes } from './item-size.ts';

/** Bytes of an item, or of all that a query or a scan went through before its filter; none still cost a block. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return blocks(bytes, 4_096) * (isConsistent ? 1 : 0.5);
}

/** Bytes of the larger of the items before and after. */
export function writeUnits(bytes: number): number {
  return blocks(bytes, 1_024);
}

export interface IndexShape {
  name: string;
  hashKey: string;
  keys: readonly string[];
  /** Its own keys, the table's and what it includes; undefined where it holds whole items. */
  attributes: readonly string[] | undefined;
}

export interface IndexWrite {
  index: string;
  /** Value of its partition key. */
  partition: string;
  units: number;
}

/**
 * What a write of the table means for one of its indexes ("Using Global Secondary Indexes in DynamoDB", write
 * operations): nothing where the item is not in it or nothing that it holds changed, and two writes where its key did.
 */
export function indexWrites(
  shape: IndexShape,
  before: Item | undefined,
  after: Item | undefined,
): IndexWrite[] {
  const old = isIn(shape, before) ? before : undefined;
  const next = isIn(shape, after) ? after : undefined;
  if (old === undefined) return next === undefined ? [] : [entryWrite(shape, next)];
  if (next === undefined) return [entryWrite(shape, old)];
  if (!areSame(shape.keys, old, next)) return [entryWrite(shape, old), entryWrite(shape, next)];
  if (shape.attributes === undefined ? isSame(old, next) : areSame(shape.attributes, old, next)) return [];
  const [was, is] = [entryWrite(shape, old), entryWrite(shape, next)];
  return [was.units > is.units ? was : is];
}

/** "Amazon DynamoDB pricing", data storage: an item is 100 bytes more than what it holds. */
const OVERHEAD_BYTES = 100;

/** Nothing for an item that is not there. */
export function storedBytes(item: Item | undefined): number {
  return item === undefined ? 0 : itemBytes(item) + OVERHEAD_BYTES;
}

/** What an index stores of an item. */
export function indexBytes(shape: IndexShape, item: Item | undefined): number {
  return isIn(shape, item) ? entryBytes(shape, item) + OVERHEAD_BYTES : 0;
}

function isIn({ keys }: IndexShape, item: Item | undefined): item is Item {
  return item !== undefined && keys.every(key => item[key] !== undefined);
}

function entryWrite(shape: IndexShape, item: Item): IndexWrite {
  const { hashKey, name } = shape;
  return { index: name, partition: partitionOf(item[hashKey]), units: writeUnits(entryBytes(shape, item)) };
}

function entryBytes({ attributes }: IndexShape, item: Item): number {
  return attributes === undefined ? itemBytes(item) : projectedBytes(item, attributes);
}

/** The text of a key's value, `{"S": "text"}` or of another type: a key attribute has only one. */
export function partitionOf(value: unknown): string {
  return String(Object.values(value as Item)[0]);
}

function areSame(names: readonly string[], old: Item, next: Item): boolean {
  return names.every(name => isSame(old[name], next[name]));
}
