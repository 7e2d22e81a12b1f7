/**
 * The attributes of a table's items and their types, said once: keys, reads, writes and expressions all go by the
 * schema. An item that does not fit is an error, never an empty text or NaN that goes on unseen.
 */
import type { Codec, Item } from './codecs.ts';
import { type Expression, expression, type Path, type Value } from './expression.ts';

/** What a schema says of an attribute. */
export interface Definition<T> extends Codec<NonNullable<T>> {
  /** Its name in the table. @default the schema's own name for it */
  attributeName?: string;
  isOptional?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a definition takes and gives its type, so no single type stands for all.
export type Definitions = Record<string, Definition<any>>;
type ValueOf<D> = D extends { isOptional: true } & Definition<infer T>
  ? T | undefined
  : D extends Definition<infer T>
    ? T
    : never;
type OptionalNames<D> = { [N in keyof D]: undefined extends ValueOf<D[N]> ? N : never }[keyof D];

/** Values by the schema's names. */
type Values<D> = { [N in Exclude<keyof D, OptionalNames<D>>]: ValueOf<D[N]> } & {
  [N in OptionalNames<D>]?: ValueOf<D[N]>;
};

/** Items may lack it. */
export function optional<T>(codec: Definition<T>): Definition<T> & { isOptional: true } {
  return { ...codec, isOptional: true };
}

/** A short name in the table, for items that are read by the thousand. */
export function short<D extends Definitions[string]>(attributeName: string, definition: D): D {
  return { ...definition, attributeName };
}

/** An item lacks an attribute, or has one of another type. */
export class ItemMismatchError extends Error {
  override readonly name = 'ItemMismatchError';
  constructor(table: string, key: string, attribute: string) {
    super(`the item ${key} of the table ${table} has no valid attribute ${attribute}`);
  }
}

export class Attribute<T> implements Path {
  readonly name: string;
  readonly path: readonly string[];
  readonly #definition: Definition<T>;
  readonly #keyText: (item: Item) => string;
  readonly #table: string;

  constructor(table: string, name: string, definition: Definition<T>, keyText: (item: Item) => string) {
    this.#table = table;
    this.name = definition.attributeName ?? name;
    this.path = [this.name];
    this.#definition = definition;
    this.#keyText = keyText;
  }

  /** This attribute of an item. @throws ItemMismatchError */
  of(item: Item): T {
    const attribute = item[this.name];
    if (attribute === undefined && this.#definition.isOptional) return undefined as T;
    const value = attribute && this.#definition.decode(attribute);
    if (value === undefined) throw new ItemMismatchError(this.#table, this.#keyText(item), this.name);
    return value;
  }

  /** Writes this attribute into an item that is put, unless it has no value. */
  writeTo(item: Item, value: T): void {
    if (value !== undefined) item[this.name] = this.#definition.encode(value as NonNullable<T>);
  }

  /** A value of this attribute's type. */
  value(value: NonNullable<T>): Value {
    return { value: this.#definition.encode(value) };
  }

  /** In a SET: gives it this value. In a condition: it has this value. */
  is(value: NonNullable<T>): Expression {
    return expression`${this} = ${this.value(value)}`;
  }

  /** A member of the map that the attribute is. */
  at(member: string): Path {
    return { path: [this.name, member] };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: stands for the schemas of all tables.
export type AnySchema = ItemSchema<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: only the other parameter matters.
export type KeyOf<S extends AnySchema> = S extends ItemSchema<infer K, any> ? Values<K> : never;
/** An item's values. */
export type RecordOf<S extends AnySchema> = S extends ItemSchema<infer K, infer R> ? Values<K & R> : never;

type Attributes<D> = { readonly [N in keyof D]-?: Attribute<ValueOf<D[N]>> };

export class ItemSchema<K extends Definitions, R extends Definitions> {
  readonly attributes: Attributes<K & R>;
  /** Conditions: there is an item of this key, or there is none. */
  readonly exists: Expression;
  readonly isNew: Expression;
  readonly #key: [name: string, attribute: Attribute<unknown>][];
  readonly #all: [name: string, attribute: Attribute<unknown>][];

  /** @param table for the errors @param key the partition key, and the sort key if there is one */
  constructor(table: string, key: K, rest: R) {
    const keyText = (item: Item) =>
      this.#key.map(([, { name }]) => Object.values(item[name] ?? {})).join(' ');
    this.#all = Object.entries({ ...key, ...rest }).map(([name, definition]) => [
      name,
      new Attribute<unknown>(table, name, definition, keyText),
    ]);
    this.#key = this.#all.slice(0, Object.keys(key).length);
    this.attributes = Object.fromEntries(this.#all) as Attributes<K & R>;
    const [partitionKey] = this.#key;
    if (partitionKey === undefined) throw new Error(`the table ${table} has no key`);
    this.exists = expression`attribute_exists(${partitionKey[1]})`;
    this.isNew = expression`attribute_not_exists(${partitionKey[1]})`;
  }

  key(values: Values<K>): Item {
    return encode(this.#key, values);
  }

  encode(record: Values<K & R>): Item {
    return encode(this.#all, record);
  }

  /** @throws ItemMismatchError */
  decode(item: Item): Values<K & R> {
    const record: Record<string, unknown> = {};
    for (const [name, attribute] of this.#all) {
      const value = attribute.of(item);
      if (value !== undefined) record[name] = value;
    }
    return record as Values<K & R>;
  }
}

function encode(attributes: readonly [string, Attribute<unknown>][], values: object): Item {
  const item: Item = {};
  for (const [name, attribute] of attributes) attribute.writeTo(item, values[name as keyof typeof values]);
  return item;
}
