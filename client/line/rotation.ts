/**
 * API Gateway ends every WebSocket connection after two hours ("Amazon API Gateway quotas"). The client makes the
 * next one before that, at a random moment of its own, so that no store is away and no two thousand come at once.
 */
import type { Clock } from '../time/clock.ts';

export interface RotationOptions {
  clock: Clock;
  random: () => number;
  intervalMs: number;
  rotate: () => void;
}

/** Share of the interval by which a rotation may come earlier or later. */
const JITTER = 0.05;

export class Rotation {
  readonly #options: RotationOptions;
  #cancel: () => void = () => {};

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** Begins to count on a fresh line. */
  start(): void {
    this.stop();
    const { clock, random, intervalMs, rotate } = this.#options;
    this.#cancel = clock.after(intervalMs * (1 + JITTER * (2 * random() - 1)), rotate);
  }

  stop(): void {
    this.#cancel();
  }
}
