/** What requests cost the tables and their indexes: counted for the bill, and throttled by partition key. */
import type { Usage } from '../../usage.ts';
import {
  type IndexShape,
  indexBytes,
  indexWrites,
  partitionOf,
  readUnits,
  storedBytes,
  writeUnits,
} from './capacity-units.ts';
import { type Item, itemBytes } from './item-size.ts';
import { Partitions, type UnitLimit } from './partitions.ts';
import { type Throttled, ThrottlingError } from './throttling-error.ts';

export interface CapacityOptions {
  usage: Usage;
  limits: { partitionReads: UnitLimit; partitionWrites: UnitLimit };
  /** Milliseconds since the epoch. */
  now: () => number;
  /** `arn:aws:dynamodb:us-east-1:000000000000:table/` */
  tablesArn: string;
}

export interface TableShape {
  hashKey: string;
  /** It can be restored to any second: point-in-time recovery. */
  isBackedUp: boolean;
  /** Where an item has its expiry, in seconds since the epoch. */
  expiryAttribute: string | undefined;
  indexes: readonly IndexShape[];
}

type KeySchema = { AttributeName: string }[];

/** CreateTable's input, as far as it is about keys and indexes. */
export interface TableKeys {
  TableName: string;
  /** Not an input of CreateTable. @default false */
  isBackedUp?: boolean;
  /** Nor this. @default nothing expires */
  expiryAttribute?: string;
  KeySchema: KeySchema;
  GlobalSecondaryIndexes?: {
    IndexName: string;
    KeySchema: KeySchema;
    Projection: { ProjectionType?: string; NonKeyAttributes?: string[] };
  }[];
}

/** Input of a query or a scan. */
export interface PageInput {
  TableName: string;
  IndexName?: string;
  ConsistentRead?: boolean;
  /** Undefined in a scan. */
  KeyConditions?: Record<string, { AttributeValueList: unknown[] }>;
}

interface Charge extends Throttled {
  /** Undefined for all of them. */
  partition: string | undefined;
  units: number;
}

/** A twelfth of a year of 365.25 days. */
const MONTH_MS = 43_830 * 60_000;

export class TableCapacity {
  readonly #options: CapacityOptions;
  readonly #shapes: ReadonlyMap<string, TableShape>;
  readonly #partitions: Record<Charge['operation'], Partitions>;

  constructor(tables: readonly TableKeys[], options: CapacityOptions) {
    this.#options = options;
    this.#shapes = new Map(tables.map(table => [table.TableName, shapeOf(table)]));
    const { limits, now } = options;
    this.#partitions = {
      Read: new Partitions(limits.partitionReads, now),
      Write: new Partitions(limits.partitionWrites, now),
    };
  }

  /** Charges a write that is about to be made. The answer is why it must not be; a throttled one costs nothing. */
  write(table: string, before: Item | undefined, after: Item | undefined): ThrottlingError | undefined {
    const shape = this.#shapes.get(table);
    const item = after ?? before;
    if (shape === undefined || item === undefined) return undefined;
    const bytes = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
    const charges: Charge[] = [
      { table, operation: 'Write', partition: partitionOf(item[shape.hashKey]), units: writeUnits(bytes) },
    ];
    for (const index of shape.indexes) {
      for (const write of indexWrites(index, before, after))
        charges.push({ ...write, table, operation: 'Write' });
    }
    const throttled = this.#charge(charges);
    if (throttled === undefined) this.#store(shape, before, after);
    return throttled;
  }

  /** Counts by how much the table and its indexes grow; fewer than none where they shrink. Backups are of the table alone. */
  #store(shape: TableShape, before: Item | undefined, after: Item | undefined): void {
    const { usage } = this.#options;
    const grown = (bytesOf: (item: Item | undefined) => number) =>
      bytesOf(after) * this.#kept(shape, after) - bytesOf(before) * this.#kept(shape, before);
    const own = grown(storedBytes);
    const indexed = shape.indexes.map(index => grown(item => indexBytes(index, item)));
    usage.add(
      'storedByte',
      indexed.reduce((sum, bytes) => sum + bytes, own),
    );
    if (shape.isBackedUp) usage.add('backedUpByte', own);
  }

  /** The part of a month until it expires. */
  #kept({ expiryAttribute }: TableShape, item: Item | undefined): number {
    const { N: seconds } = (item?.[expiryAttribute ?? ''] ?? {}) as { N?: string };
    if (seconds === undefined) return 1;
    return Math.min(1, Math.max(0, (Number(seconds) * 1_000 - this.#options.now()) / MONTH_MS));
  }

  /**
   * Charges a write that changes nothing, since its condition failed or there was nothing to delete: the size of the item
   * that is there ("Working with items", conditional writes).
   */
  idleWrite(table: string, key: Item, existing: Item | undefined): ThrottlingError | undefined {
    return this.#chargeTable(table, key, 'Write', writeUnits(existing ? itemBytes(existing) : 0));
  }

  get(table: string, key: Item, item: Item | undefined, isConsistent: boolean): ThrottlingError | undefined {
    return this.#chargeTable(table, key, 'Read', readUnits(item ? itemBytes(item) : 0, isConsistent));
  }

  /**
   * Charges a page of a query or a scan by all the bytes that were read for it. A scan goes over all partitions, and is
   * throttled by none here.
   */
  page(input: PageInput, bytes: number): ThrottlingError | undefined {
    const { ConsistentRead = false, IndexName: index, KeyConditions, TableName: table } = input;
    const units = readUnits(bytes, ConsistentRead);
    const shape = this.#shapes.get(table);
    const { hashKey } =
      (index === undefined ? shape : shape?.indexes.find(({ name }) => name === index)) ?? {};
    const [value] = KeyConditions?.[hashKey ?? '']?.AttributeValueList ?? [];
    const partition = value === undefined ? undefined : partitionOf(value);
    return this.#charge([{ table, index, operation: 'Read', partition, units }]);
  }

  #chargeTable(
    table: string,
    key: Item,
    operation: Charge['operation'],
    units: number,
  ): ThrottlingError | undefined {
    const shape = this.#shapes.get(table);
    if (shape === undefined) return undefined;
    return this.#charge([{ table, operation, partition: partitionOf(key[shape.hashKey]), units }]);
  }

  /** All or none of them. */
  #charge(charges: readonly Charge[]): ThrottlingError | undefined {
    const over = charges.find(charge => !this.#hasRoom(charge));
    if (over !== undefined) return new ThrottlingError(over, this.#options.tablesArn);
    for (const charge of charges) {
      const { operation, partition, units } = charge;
      if (partition !== undefined) this.#partitions[operation].take(idOf(charge), units);
      this.#options.usage.add(operation === 'Read' ? 'read' : 'write', units);
    }
    return undefined;
  }

  #hasRoom(charge: Charge): boolean {
    return charge.partition === undefined || this.#partitions[charge.operation].has(idOf(charge));
  }
}

function idOf({ index = '', partition, table }: Charge): string {
  return `${table}/${index}/${partition}`;
}

function shapeOf({
  expiryAttribute,
  GlobalSecondaryIndexes = [],
  isBackedUp = false,
  KeySchema,
}: TableKeys): TableShape {
  const own = namesOf(KeySchema);
  const indexes = GlobalSecondaryIndexes.map(({ IndexName: name, KeySchema: schema, Projection }) => {
    const keys = namesOf(schema);
    const { NonKeyAttributes = [], ProjectionType } = Projection;
    const attributes =
      ProjectionType === 'ALL' ? undefined : [...new Set([...keys, ...own, ...NonKeyAttributes])];
    return { name, hashKey: keys[0] ?? '', keys, attributes };
  });
  return { hashKey: own[0] ?? '', isBackedUp, expiryAttribute, indexes };
}

/** CreateTable wants the partition key first. */
function namesOf(schema: KeySchema): string[] {
  return schema.map(({ AttributeName }) => AttributeName);
}
