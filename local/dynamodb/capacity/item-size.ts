/**
 * How many bytes an item is for DynamoDB ("DynamoDB item sizes and formats"): names and strings in UTF-8, two digits of a
 * number a byte and one more, three bytes for a list or a map and one for each of its elements. It reads the item as it is:
 * to write a sales minute out as text only to measure it would cost more than to store it.
 */

/** An item in DynamoDB's JSON. */
export type Item = Record<string, unknown>;

/** Nobody changes an item that is stored or about to be: units, storage and stream ask for the same one. */
const measured = new WeakMap<Item, number>();

export function itemBytes(item: Item): number {
  const known = measured.get(item);
  if (known !== undefined) return known;
  let bytes = 0;
  for (const name in item) bytes += attributeBytes(name, item[name]);
  measured.set(item, bytes);
  return bytes;
}

/** Of those attributes of an item that have one of these names. */
export function projectedBytes(item: Item, names: readonly string[]): number {
  let bytes = 0;
  for (const name of names) bytes += attributeBytes(name, item[name]);
  return bytes;
}

/** Nothing for an attribute that is not there. */
function attributeBytes(name: string, value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(name) + valueBytes(value);
}

/** @param value `{"S": "text"}` and the like */
function valueBytes(value: unknown): number {
  for (const type in value as Item) return SIZES[type]?.((value as Item)[type] as never) ?? 0;
  return 0;
}

const text = (value: string): number => Buffer.byteLength(value);
const binary = (value: string): number => Buffer.byteLength(value, 'base64');
const one = (): number => 1;

const SIZES: Record<string, (value: never) => number> = {
  S: text,
  N: numberBytes,
  B: binary,
  BOOL: one,
  NULL: one,
  SS: (values: string[]) => sum(values, text),
  NS: (values: string[]) => sum(values, numberBytes),
  BS: (values: string[]) => sum(values, binary),
  L: (values: unknown[]) => 3 + values.length + sum(values, valueBytes),
  M: mapBytes,
};

function mapBytes(map: Item): number {
  let bytes = 3;
  for (const name in map) bytes += 1 + attributeBytes(name, map[name]);
  return bytes;
}

function sum<T>(values: readonly T[], bytesOf: (value: T) => number): number {
  let bytes = 0;
  for (const value of values) bytes += bytesOf(value);
  return bytes;
}

const [ZERO, NINE, POINT] = [48, 57, 46];

/**
 * Digits count from the first to the last that is not zero, in pairs from the decimal point on: 12 is one pair, 1200 as
 * well, and 120 (01 20) is two. A minus is a byte.
 */
function numberBytes(number: string): number {
  let digits = 0;
  let point: number | undefined;
  let first = -1;
  let last = -1;
  let exponent = 0;
  for (let at = number[0] === '-' ? 1 : 0; at < number.length; at += 1) {
    const code = number.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      if (code !== ZERO) {
        last = digits;
        if (first < 0) first = digits;
      }
      digits += 1;
    } else if (code === POINT) point = digits;
    else if (code === 69 || code === 101) {
      exponent = Number(number.slice(at + 1));
      break;
    }
  }
  if (first < 0) return 1;
  const integers = (point ?? digits) + exponent;
  const pairs = Math.floor((last - integers) / 2) - Math.floor((first - integers) / 2) + 1;
  return 1 + pairs + (number[0] === '-' ? 1 : 0);
}
