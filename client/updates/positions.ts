/**
 * Where the store stands in each of its channels. A position is the end of a gap-free run: what arrives beyond it
 * is remembered, so that it isn't applied twice, but the run waits for what is missing.
 */
import type { Positions } from '../../domain/updates/update.ts';

/** As it is saved. */
export interface PositionsSnapshot {
  /** Whether the chain has named the store's channels. */
  named: boolean;
  /** Per channel the run, then what is held beyond it. */
  channels: Record<string, number[]>;
}

interface Channel {
  run: number;
  ahead: Set<number>;
}

export class StorePositions {
  #channels = new Map<string, Channel>();
  /** Until the chain has named the store's channels, every channel that an update names may be one. */
  #named = false;
  /** The highest positions that anything told of since the last sync began. */
  #heard = new Map<string, number>();

  /** The ends of the gap-free runs; empty until the first sync is through. */
  get runs(): Positions {
    if (!this.#named) return {};
    return Object.fromEntries([...this.#channels].map(([name, { run }]) => [name, run]));
  }

  /** Whether the chain has named the store's channels: a sync has been through. */
  get isNamed(): boolean {
    return this.#named;
  }

  /** Whether an update is published to a channel of this store. */
  concerns(positions: Positions): boolean {
    return !this.#named || Object.keys(positions).some(name => this.#channels.has(name));
  }

  /** Whether any of the store's channels has passed an update. */
  hasSeen(positions: Positions): boolean {
    return Object.entries(positions).some(([name, position]) => {
      const channel = this.#channels.get(name);
      return channel !== undefined && (position <= channel.run || channel.ahead.has(position));
    });
  }

  /** Notes an update as seen, in each of the store's channels. */
  take(positions: Positions): void {
    for (const [name, position] of Object.entries(positions)) {
      const channel = this.#ownChannel(name);
      if (channel === undefined || position <= channel.run) continue;
      channel.ahead.add(position);
      absorb(channel);
      this.#hearOne(name, position);
    }
  }

  /** Notes how far the channels go, as `pong` tells. */
  hear(newest: Positions): void {
    for (const [name, position] of Object.entries(newest)) {
      if (this.#channels.has(name)) this.#hearOne(name, position);
    }
  }

  /** Whether something is missing. */
  get hasGap(): boolean {
    return [...this.#heard].some(
      ([name, position]) => position > (this.#channels.get(name)?.run ?? position),
    );
  }

  /** Whether something is held beyond what is missing. */
  get hasHole(): boolean {
    return [...this.#channels.values()].some(({ ahead }) => ahead.size > 0);
  }

  /** A sync begins: only what is held beyond a run, and what is told from now on, can show a gap after it. */
  beginSync(): void {
    this.#heard.clear();
    for (const [name, { ahead }] of this.#channels)
      for (const position of ahead) this.#hearOne(name, position);
  }

  /** Whether an answer names other channels than the store held: it has moved. */
  differFrom(answer: Positions): boolean {
    if (!this.#named) return false;
    const names = Object.keys(answer);
    return names.length !== this.#channels.size || names.some(name => !this.#channels.has(name));
  }

  /**
   * Takes the positions of a `synced` answer, which say where the store stands and which channels it has. What came
   * over the line meanwhile stays counted, unless the chain answers less than was asked for: then its numbering has
   * begun anew.
   */
  settle(answer: Positions, asked: Positions): void {
    const before = this.#channels;
    this.#channels = new Map();
    this.#named = true;
    for (const [name, position] of Object.entries(answer)) {
      const held = position < (asked[name] ?? 0) ? undefined : before.get(name);
      const run = held === undefined ? position : Math.max(position, held.run);
      const channel = { run, ahead: new Set(held?.ahead) };
      absorb(channel);
      this.#channels.set(name, channel);
    }
  }

  /** Takes the place of these positions; what was heard stays heard. */
  become(other: StorePositions): void {
    this.#channels = other.#channels;
    this.#named = other.#named;
  }

  /** Also what came before the channels were named: after a crash it must not be applied again. */
  snapshot(): PositionsSnapshot {
    const channels: PositionsSnapshot['channels'] = {};
    for (const [name, { run, ahead }] of this.#channels) channels[name] = [run, ...ahead];
    return { named: this.#named, channels };
  }

  restore({ named, channels }: PositionsSnapshot): void {
    this.#channels.clear();
    this.#named = named;
    for (const [name, [run = 0, ...ahead]] of Object.entries(channels)) {
      this.#channels.set(name, { run, ahead: new Set(ahead) });
    }
  }

  #ownChannel(name: string): Channel | undefined {
    const known = this.#channels.get(name);
    if (known !== undefined || this.#named) return known;
    const channel = { run: 0, ahead: new Set<number>() };
    this.#channels.set(name, channel);
    return channel;
  }

  #hearOne(name: string, position: number): void {
    if (position > (this.#heard.get(name) ?? 0)) this.#heard.set(name, position);
  }
}

/** Moves the run over what is held already. */
function absorb(channel: Channel): void {
  while (channel.ahead.has(channel.run + 1)) channel.run += 1;
  for (const position of channel.ahead) if (position <= channel.run) channel.ahead.delete(position);
}
