/** The logs of a store's channels: what was published, at which positions, and what a sync is answered. */
import { randomUUID } from 'node:crypto';
import type { Positions } from '../../domain/updates/update.ts';

/** An update as it is written on the line; a scenario may write what no chain would. */
export interface WrittenUpdate {
  type: 'update';
  id: string;
  kind: string;
  positions: Positions;
  publishedAt: string;
  validFrom: string | null;
  validUntil: string | null;
  data: unknown;
  [other: string]: unknown;
}

export interface Publication extends Partial<Omit<WrittenUpdate, 'type'>> {
  /** @default ['all'] */
  channels?: readonly string[];
}

export class ChannelLog {
  readonly #entries: WrittenUpdate[] = [];
  readonly #newest = new Map<string, number>();

  append({ channels = ['all'], ...update }: Publication, now: string): WrittenUpdate {
    const positions = Object.fromEntries(channels.map(channel => [channel, this.newest(channel) + 1]));
    const entry: WrittenUpdate = {
      type: 'update',
      id: randomUUID(),
      kind: 'price.changed',
      positions,
      publishedAt: now,
      validFrom: null,
      validUntil: null,
      data: {},
      ...update,
    };
    this.#entries.push(entry);
    for (const [channel, position] of Object.entries(entry.positions)) {
      this.#newest.set(channel, Math.max(position, this.newest(channel)));
    }
    return entry;
  }

  newest(channel: string): number {
    return this.#newest.get(channel) ?? 0;
  }

  /** Newest positions of these channels. */
  positions(channels: readonly string[]): Positions {
    return Object.fromEntries(channels.map(channel => [channel, this.newest(channel)]));
  }

  /** What these channels hold past the positions and is not over, in the order of publication. */
  past(positions: Positions, channels: readonly string[], now: string): WrittenUpdate[] {
    return this.#entries.filter(({ positions: at, validUntil }) => {
      const own = Object.entries(at).filter(([channel]) => channels.includes(channel));
      const isSeen = own.some(([channel, position]) => position <= (positions[channel] ?? 0));
      return own.length > 0 && !isSeen && (validUntil === null || validUntil > now);
    });
  }
}
