/**
 * The store's one line, kept up over any number of connections. There is at most one attempt at a time, made when
 * the line is lost, or beforehand when it is about to grow too old; the moment an attempt succeeds it is the line,
 * and the connection before it, if any is left, is let go.
 */
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Clock } from '../time/clock.ts';
import type { Backoff } from './backoff.ts';
import { type Address, type CloseEvent, Connection, type WebSocketConstructor } from './connection.ts';

export interface LineOptions {
  WebSocket: WebSocketConstructor;
  clock: Clock;
  backoff: Backoff;
  /** Asked before each attempt. */
  address: () => Promise<Address>;
  /** @param rotated the new connection takes over from one that is still open */
  opened: (rotated: boolean) => void;
  received: (text: string) => void;
  /** The line broke; an attempt to restore it follows by itself. */
  lost: (close: CloseEvent) => void;
  /** An attempt failed; another one follows by itself. Its cause is a HandshakeError where somebody answered. */
  failed: (error: Error) => void;
}

/** A handshake was refused, or nobody answered it. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  /** The status of the answer; undefined where the runtime doesn't tell. */
  readonly status: number | undefined;
  constructor({ code, reason }: CloseEvent) {
    super(`no connection: ${reason || `code ${code}`}`);
    const status = /server response: (\d{3})$/.exec(reason)?.[1];
    this.status = status === undefined ? undefined : Number(status);
  }
}

/** A store that is revoked may be restored: it asks for that so often. */
export const FORBIDDEN_WAIT_MS = 60_000;

export class Line {
  readonly #options: LineOptions;
  #connection: Connection | undefined;
  #openedAt = 0;
  #attempt: Connection | undefined;
  #cancelRetry: (() => void) | undefined;
  /** Counts starts and stops: an attempt whose address comes late must not outlive its stop. */
  #era = 0;
  #preparing = false;
  #running = false;
  #paused = false;
  /** At least so long between attempts, until one succeeds. */
  #leastWaitMs = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Whether another connection is being made, so that the chain closing this one is no surprise. */
  get isChanging(): boolean {
    return this.#preparing || this.#attempt !== undefined || this.#cancelRetry !== undefined;
  }

  /** Connects, also before a pause is over. */
  start(): void {
    if (this.#running && !this.#paused) return;
    this.stop();
    this.#running = true;
    this.renew();
  }

  /**
   * Lets go of everything, and comes back by itself.
   *
   * @param leastWaitMs between the attempts that follow, until one succeeds
   */
  pause(ms: number, leastWaitMs: number): void {
    this.stop();
    this.#running = true;
    this.#paused = true;
    this.#leastWaitMs = leastWaitMs;
    this.#retryIn(ms);
  }

  /** Lets go of everything and stays down until `start`. */
  stop(): void {
    this.#running = false;
    this.#paused = false;
    this.#leastWaitMs = 0;
    this.#era += 1;
    this.#preparing = false;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#attempt?.drop();
    this.#attempt = undefined;
    this.#connection?.drop();
    this.#connection = undefined;
  }

  /** Makes a new connection now, while the present one goes on until the new one is open. */
  renew(): void {
    if (this.#running && !this.isChanging) void this.#connect();
  }

  /** Gives up a connection on which nobody answers. */
  drop(reason: string): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.drop();
    this.#lose({ code: 1006, reason });
  }

  send(frame: StoreFrameInput): boolean {
    this.#connection?.send(frame);
    return this.isOpen;
  }

  async #connect(): Promise<void> {
    const era = this.#era;
    this.#preparing = true;
    try {
      const address = await this.#options.address();
      if (era !== this.#era) return;
      this.#attempt = this.#open(address);
      this.#preparing = false;
    } catch (error) {
      if (era !== this.#era) return;
      this.#preparing = false;
      this.#fail(error);
    }
  }

  #open(address: Address): Connection {
    const { WebSocket, clock } = this.#options;
    const connection: Connection = new Connection(WebSocket, address, clock, {
      opened: () => this.#promote(connection),
      received: text => {
        if (connection === this.#connection) this.#options.received(text);
      },
      ended: close => {
        if (connection === this.#connection) this.#lose(close);
        else this.#fail(new HandshakeError(close));
      },
    });
    return connection;
  }

  #promote(connection: Connection): void {
    const previous = this.#connection;
    this.#attempt = undefined;
    this.#connection = connection;
    this.#openedAt = this.#options.clock.now();
    this.#leastWaitMs = 0;
    previous?.drop();
    this.#options.opened(previous !== undefined);
  }

  #lose(close: CloseEvent): void {
    this.#connection = undefined;
    this.#options.backoff.lived(this.#options.clock.now() - this.#openedAt);
    this.#options.lost(close);
    if (this.#running && !this.isChanging) this.#retryIn(this.#options.backoff.next());
  }

  #fail(error: unknown): void {
    this.#attempt = undefined;
    const isForbidden = error instanceof HandshakeError && error.status === 403;
    this.#retryIn(
      Math.max(this.#options.backoff.next(), this.#leastWaitMs, isForbidden ? FORBIDDEN_WAIT_MS : 0),
    );
    this.#options.failed(new Error('could not connect', { cause: error }));
  }

  #retryIn(ms: number): void {
    this.#cancelRetry = this.#options.clock.after(ms, () => {
      this.#cancelRetry = undefined;
      this.#paused = false;
      this.renew();
    });
  }
}
