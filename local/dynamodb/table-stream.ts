/**
 * A table's stream ("Change data capture for DynamoDB Streams"): a record for each write that changed something, in
 * the order of each item's writes, given to those that read the stream at that moment. It is one shard in memory: what
 * outlives the process is a reader's own (stream-backlog.ts).
 */
import { randomUUID } from 'node:crypto';
import { type Item, itemBytes } from './capacity/item-size.ts';
import { isSame } from './same-item.ts';
import type { Write } from './write-tap.ts';

const VIEWS = {
  KEYS_ONLY: { old: false, new: false },
  NEW_IMAGE: { old: false, new: true },
  OLD_IMAGE: { old: true, new: false },
  NEW_AND_OLD_IMAGES: { old: true, new: true },
} as const;

export type StreamViewType = keyof typeof VIEWS;

export interface StreamDefinition {
  arn: string;
  viewType: StreamViewType;
}

/** As Lambda hands it to a function. */
export interface StreamRecord {
  eventID: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  eventVersion: '1.1';
  eventSource: 'aws:dynamodb';
  awsRegion: string;
  eventSourceARN: string;
  dynamodb: {
    /** Seconds since the epoch, rounded down. */
    ApproximateCreationDateTime: number;
    Keys: Item;
    NewImage?: Item;
    OldImage?: Item;
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: StreamViewType;
  };
}

/** Who reads a stream. */
export interface StreamReader {
  /** A record is about to be written. */
  announced?(record: StreamRecord): void;
  written(record: StreamRecord): void;
}

export class TableStream {
  readonly #definition: StreamDefinition;
  readonly #region: string;
  readonly #now: () => number;
  readonly #readers = new Set<StreamReader>();
  #sequence: bigint;

  /** @param now milliseconds since the epoch */
  constructor(definition: StreamDefinition, { region, now }: { region: string; now: () => number }) {
    this.#definition = definition;
    this.#region = region;
    this.#now = now;
    // Numbers go on rising after a restart.
    this.#sequence = BigInt(now()) * 1_000_000n;
  }

  /** Tells every record from now on; the answer ends it. */
  read(reader: StreamReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Announces the record of a write; the answer tells it, once the write is made. */
  append(write: Write): () => void {
    if (this.#readers.size === 0 || isSame(write.before, write.after)) return () => {};
    const record = this.#record(write);
    for (const reader of this.#readers) reader.announced?.(record);
    return () => {
      for (const reader of this.#readers) reader.written(record);
    };
  }

  #record({ after, before, keys }: Write): StreamRecord {
    const { arn, viewType } = this.#definition;
    const view = VIEWS[viewType];
    const images = {
      ...(view.new && after !== undefined ? { NewImage: after } : {}),
      ...(view.old && before !== undefined ? { OldImage: before } : {}),
    };
    this.#sequence += 1n;
    return {
      eventID: randomUUID().replaceAll('-', ''),
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#region,
      eventSourceARN: arn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#now() / 1000),
        Keys: keys,
        ...images,
        SequenceNumber: String(this.#sequence).padStart(21, '0'),
        SizeBytes: [keys, ...Object.values(images)].reduce((sum, item) => sum + itemBytes(item), 0),
        StreamViewType: viewType,
      },
    };
  }
}

const texts = new WeakMap<StreamRecord, string>();

/** A record as JSON, written out once for all that read it. */
export function recordText(record: StreamRecord): string {
  const known = texts.get(record);
  if (known !== undefined) return known;
  const text = JSON.stringify(record);
  texts.set(record, text);
  return text;
}
