/**
 * Bounds what nobody has asked for: an environment that has looked at a large fleet looks again when it has rested for as
 * long as the fleet is large. A small one is looked at with each batch of changes.
 */
import type { Connections } from '../registry/connections.ts';

const STORES_PER_SECOND = 10_000;

export class ReadingPace {
  readonly #connections: Pick<Connections, 'hasParts'>;
  #nextAt = 0;

  constructor(connections: Pick<Connections, 'hasParts'>) {
    this.#connections = connections;
  }

  /** @param now milliseconds since the epoch */
  mayRead(now: number): boolean {
    return !this.#connections.hasParts || now >= this.#nextAt;
  }

  hasRead(stores: number, now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now) + (stores / STORES_PER_SECOND) * 1_000;
  }
}
