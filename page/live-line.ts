/**
 * The page's own line to the chain, of the same parts as a store's: full-jitter reconnects, a heartbeat, and a new
 * connection ahead of the gateway's two hours.
 */

import { Backoff, RECONNECT_LIMITS } from '../client/line/backoff.ts';
import type { WebSocketConstructor } from '../client/line/connection.ts';
import { Heartbeat } from '../client/line/heartbeat.ts';
import { Line } from '../client/line/line.ts';
import { Rotation } from '../client/line/rotation.ts';
import type { Clock } from '../client/time/clock.ts';
import type { ServerClock } from '../client/time/server-clock.ts';
import { type ManagerFrame, parseManagerFrame } from '../domain/protocol/manager-frames.ts';
import { Watching } from './watching.ts';

export interface LiveLineOptions {
  WebSocket: WebSocketConstructor;
  clock: Clock;
  serverClock: ServerClock;
  random: () => number;
  endpoint: string;
  token: () => string;
  /** It is up, for the first time or again: what was pushed meanwhile is lost. */
  opened: () => void;
  lost: () => void;
  received: (frame: ManagerFrame) => void;
  /** Anything at all came. */
  heard: () => void;
}

/** Below the gateway's idle limit of 10 minutes. */
const HEARTBEAT_MS = 240_000;
const PONG_TIMEOUT_MS = 15_000;
/** A line that says nothing for so long is asked whether anybody is there, while somebody looks: live must be true. */
const QUIET_MS = 5_000;
/** Below the gateway's limit of 2 hours. */
const ROTATION_MS = 110 * 60_000;

export class LiveLine {
  readonly #options: LiveLineOptions;
  readonly #line: Line;
  readonly #heartbeat: Heartbeat;
  readonly #rotation: Rotation;
  readonly #watching: Watching;
  #cancelQuiet: () => void = () => {};

  constructor(options: LiveLineOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: HEARTBEAT_MS,
      timeoutMs: PONG_TIMEOUT_MS,
      send: frame => this.#line.send(frame),
      silent: () => this.#line.drop('nobody answered a ping'),
    });
    this.#watching = new Watching({ ...options, send: frame => this.#line.send(frame) });
    this.#rotation = new Rotation({
      clock,
      random,
      intervalMs: ROTATION_MS,
      rotate: () => this.#line.renew(),
    });
    this.#line = new Line({
      WebSocket: options.WebSocket,
      clock,
      backoff: new Backoff(RECONNECT_LIMITS, random),
      address: async () => ({ url: options.endpoint, token: options.token() }),
      opened: () => this.#opened(),
      received: text => this.#received(text),
      lost: () => this.#lost(),
      failed: () => options.lost(),
    });
  }

  start(): void {
    this.#line.start();
  }

  stop(): void {
    this.#line.stop();
    this.#rest();
  }

  /** The line may be dead without knowing: asks on it, or tries at once to restore it. */
  check(): void {
    if (this.#line.isOpen) this.#heartbeat.check();
    else {
      this.#line.stop();
      this.#line.start();
    }
  }

  #opened(): void {
    this.#heartbeat.start();
    this.#rotation.start();
    // The answer tells the chain's time, which defines "this minute" and "today".
    this.#heartbeat.check();
    this.#listen();
    this.#watching.start();
    this.#options.opened();
  }

  #lost(): void {
    this.#rest();
    this.#options.lost();
  }

  #rest(): void {
    this.#cancelQuiet();
    this.#heartbeat.stop();
    this.#rotation.stop();
    this.#watching.stop();
  }

  #listen(): void {
    this.#cancelQuiet();
    this.#cancelQuiet = this.#options.clock.after(QUIET_MS, () => {
      if (document.visibilityState === 'visible') this.#heartbeat.check();
      this.#listen();
    });
  }

  #hear(): void {
    this.#listen();
    this.#heartbeat.heard();
    this.#options.heard();
  }

  #received(text: string): void {
    const frame = JSON.parse(text) as { type?: string; requestId?: string; serverTime?: string };
    if (frame.type === 'pong') {
      const askedAt = this.#heartbeat.askedAt(frame.requestId);
      if (askedAt !== undefined && frame.serverTime !== undefined)
        this.#options.serverClock.measure(askedAt, frame.serverTime);
      this.#heartbeat.answered();
      this.#hear();
      return;
    }
    this.#hear();
    const pushed = parseManagerFrame(frame);
    if (pushed?.type === 'watching') this.#watching.answered(pushed.until);
    else if (pushed !== undefined) this.#options.received(pushed);
  }
}
