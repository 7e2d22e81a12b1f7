/** A store's line, put together: one connection after the other, kept awake, renewed, and let go when it must be. */
import type { ClosingFrame } from '../../domain/protocol/chain-frames.ts';
import type { RequestId } from '../../domain/protocol/frame-error.ts';
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import { Backoff } from './backoff.ts';
import type { CloseEvent, WebSocketConstructor } from './connection.ts';
import { Heartbeat } from './heartbeat.ts';
import { FORBIDDEN_WAIT_MS, Line } from './line.ts';
import { RefusalCheck } from './refusal-check.ts';
import { Rotation } from './rotation.ts';
import { RENEWAL_LIMITS, TokenRenewal } from './token-renewal.ts';

export interface StoreLineOptions {
  WebSocket: WebSocketConstructor;
  clock: Clock;
  serverClock: ServerClock;
  random: () => number;
  backoff: () => Backoff;
  url: () => string | Promise<string>;
  token: () => string | Promise<string>;
  /** A token that is a value: one that the client renews itself. */
  renewableToken: string | undefined;
  managementUrl: string | undefined;
  onToken: (token: string) => void;
  /** The token of the connection that is about to be made. */
  presents: (token: string) => void;
  heartbeatMs: number;
  pongTimeoutMs: number;
  rotationMs: number;
  /** @param rotated the new connection takes over from one that was still open */
  opened: (rotated: boolean) => void;
  received: (text: string) => void;
  /** It is down, and comes back by itself. */
  lost: (close: CloseEvent) => void;
  /** The chain let this store go: the line is down, and stays so for a while. */
  shutOut: (reason: ClosingFrame['reason'], by: string | undefined) => void;
  unauthorized: () => void;
  failed: (error: unknown) => void;
}

/** Two devices with one token would throw each other out for ever. */
const REPLACED_WAIT_MS = 10 * 60_000;

export class StoreLine {
  readonly #options: StoreLineOptions;
  readonly #line: Line;
  readonly #heartbeat: Heartbeat;
  readonly #rotation: Rotation;
  readonly #renewal: TokenRenewal | undefined;
  readonly #refusals: RefusalCheck;
  /** What the names of this client's lines have in common. */
  readonly #name: string;
  #named = 0;
  #token = '';
  #renewedToken: string | undefined;

  constructor(options: StoreLineOptions) {
    this.#options = options;
    const { clock, random, heartbeatMs, pongTimeoutMs, rotationMs } = options;
    this.#name = Math.floor(random() * 36 ** 8).toString(36);
    this.#line = new Line({
      ...options,
      backoff: options.backoff(),
      address: () => this.#address(),
      opened: rotated => this.#opened(rotated),
      received: text => {
        this.#heartbeat.heard();
        options.received(text);
      },
      lost: close => this.#lost(close),
      failed: error => this.#attemptFailed(error),
    });
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: heartbeatMs,
      timeoutMs: pongTimeoutMs,
      send: frame => this.send(frame),
      silent: () => this.#line.drop('nobody answered a ping'),
    });
    this.#rotation = new Rotation({
      clock,
      random,
      intervalMs: rotationMs,
      rotate: () => this.#line.renew(),
    });
    this.#refusals = new RefusalCheck(options);
    this.#renewal = this.#createRenewal();
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  /** Connects; also at once after `replaced` or `revoked`. */
  start(): void {
    this.#renewal?.schedule();
    this.#line.start();
  }

  stop(): void {
    this.#renewal?.stop();
    this.#rest();
    this.#line.stop();
  }

  send(frame: StoreFrameInput): boolean {
    return this.#line.send(frame);
  }

  /** Asks at once whether anybody is there, and what time it is. */
  check(): void {
    if (this.isOpen) this.#heartbeat.check();
  }

  /** When the ping that this pong answers was sent; undefined for a late one. */
  pingedAt(requestId: RequestId): number | undefined {
    return this.#heartbeat.askedAt(requestId);
  }

  /** Somebody is there. */
  answered(): void {
    this.#heartbeat.answered();
  }

  /** The chain's time is known: when a token is to be renewed is judged by it. */
  timeKnown(): void {
    this.#renewal?.schedule();
  }

  /** The chain says why it closes this connection. */
  closing(reason: string, by?: string): void {
    if (reason !== 'replaced' && reason !== 'revoked') return;
    // It closes this one for the connection that was made to follow it.
    if (reason === 'replaced' && this.#isOwn(by)) return;
    this.#rest();
    if (reason === 'replaced') this.#line.pause(REPLACED_WAIT_MS, 0);
    else this.#line.pause(FORBIDDEN_WAIT_MS, FORBIDDEN_WAIT_MS);
    this.#options.shutOut(reason, by);
  }

  /** A chain that names nobody leaves it to guess. */
  #isOwn(by: string | undefined): boolean {
    return by === undefined ? this.#line.isChanging : by.startsWith(`${this.#name}-`);
  }

  async #address() {
    const { url, token, presents } = this.#options;
    this.#named += 1;
    this.#token = this.#renewedToken ?? (await token());
    presents(this.#token);
    return { url: await url(), token: this.#token, name: `${this.#name}-${this.#named}` };
  }

  #opened(rotated: boolean): void {
    this.#heartbeat.start();
    this.#rotation.start();
    this.#options.opened(rotated);
  }

  #lost(close: CloseEvent): void {
    this.#rest();
    this.#options.lost(close);
  }

  #attemptFailed(error: Error): void {
    this.#options.failed(error);
    this.#refusals.handshakeFailed(error.cause, this.#token);
  }

  #rest(): void {
    this.#heartbeat.stop();
    this.#rotation.stop();
  }

  #createRenewal(): TokenRenewal | undefined {
    const { clock, serverClock, random, renewableToken, managementUrl, onToken, failed } = this.#options;
    if (renewableToken === undefined || managementUrl === undefined) return undefined;
    return new TokenRenewal(renewableToken, {
      clock,
      serverClock,
      backoff: new Backoff(RENEWAL_LIMITS, random),
      managementUrl,
      renewed: token => {
        this.#renewedToken = token;
        onToken(token);
      },
      failed,
    });
  }
}
