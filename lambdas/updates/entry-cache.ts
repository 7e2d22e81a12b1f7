/**
 * Log entries that this environment has read lately. Complete entries never change, so when a thousand stores reconnect
 * at once, it is only read for each of them what follows. An entry that is not here is read.
 */
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import type { Item } from '../aws/codecs.ts';
import type { KeyOf } from '../aws/item-schema.ts';
import type { Beside } from '../aws/table.ts';
import { logEntry } from './update-items.ts';

/** An entry as it was read, and when it expires (milliseconds since the epoch), if it does. */
export interface ReadEntry {
  entry: ChannelEntry;
  /** Of the entry's update in a frame. */
  bytes: number;
  expiresAt: number | undefined;
}

interface Kept {
  entry: ChannelEntry;
  bytes: number;
  usableUntil: number;
}

/**
 * Long enough for a reconnect storm. An entry without an expiry can't expire meanwhile: it gets one that is days ahead.
 */
const FRESH_MS = 60_000;
const MOST_ENTRIES = 5_000;
/** Of all their updates: each is held as an object, and as text once it was sent. */
const MOST_BYTES = 32 * 1024 * 1024;

export class EntryCache {
  readonly #channels = new Map<string, Map<number, Kept>>();
  #size = 0;
  #bytes = 0;

  /** The entries of a channel from a position on, without a gap, as many as are here or take so many bytes. */
  known(
    channel: string,
    from: number,
    bytes: number,
    now: number,
  ): { entries: ChannelEntry[]; bytes: number } {
    const entries: ChannelEntry[] = [];
    let sum = 0;
    for (let position = from; sum < bytes; position += 1) {
      const kept = this.#channels.get(channel)?.get(position);
      if (kept === undefined || now >= kept.usableUntil) break;
      entries.push(kept.entry);
      sum += kept.bytes;
    }
    return { entries, bytes: sum };
  }

  keep(channel: string, entries: readonly ReadEntry[], now: number): void {
    // It is rarely full, and cheap to fill again, so it keeps no order of use.
    const added = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#size + entries.length > MOST_ENTRIES || this.#bytes + added > MOST_BYTES) this.#clear();
    const kept = this.#channels.get(channel) ?? new Map<number, Kept>();
    this.#channels.set(channel, kept);
    for (const { bytes, entry, expiresAt = Number.POSITIVE_INFINITY } of entries) {
      if (!kept.has(entry.position)) {
        this.#size += 1;
        this.#bytes += bytes;
      }
      kept.set(entry.position, { entry, bytes, usableUntil: Math.min(now + FRESH_MS, expiresAt) });
    }
  }

  #clear(): void {
    this.#channels.clear();
    this.#size = 0;
    this.#bytes = 0;
  }
}

type Place = KeyOf<typeof logEntry>;

/**
 * What lies at the places behind known entries, read by a request for something else. A log has no gaps: what is not there
 * is nowhere.
 */
export class NextEntries implements Beside {
  readonly table: string;
  readonly keys: readonly Item[];
  readonly #places: ReadonlySet<string>;
  readonly #found = new Set<string>();
  #isRead = false;

  constructor(table: string, places: readonly Place[]) {
    this.table = table;
    this.keys = places.map(place => logEntry.key(place));
    this.#places = new Set(places.map(textOf));
  }

  take(items: readonly Item[]): void {
    this.#isRead = true;
    const { channel, position } = logEntry.attributes;
    for (const item of items)
      this.#found.add(textOf({ channel: channel.of(item), position: position.of(item) }));
  }

  /** Whether it is known if there is an entry. */
  tellsOf(place: Place): boolean {
    return this.#isRead && this.#places.has(textOf(place));
  }

  holds(place: Place): boolean {
    return this.#found.has(textOf(place));
  }
}

function textOf({ channel, position }: Place): string {
  return `${channel} ${position}`;
}
