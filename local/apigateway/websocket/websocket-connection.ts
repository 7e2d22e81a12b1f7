/**
 * One open WebSocket connection. There may be ten thousand of them: one small object each, one timer, and nothing
 * allocated for a post but what the socket's queue needs.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../../cloud-clock.ts';
import type { Limits } from '../../cloud-options.ts';
import type { EndOfTurn } from '../../end-of-turn.ts';
import { FrameLengthGuard } from './frame-length-guard.ts';

/** What every event of a connection says about it, from its handshake on. */
export interface ConnectionContext {
  connectionId: string;
  connectedAt: number;
  identity: { sourceIp: string; userAgent?: string };
  /** The authorizer's context, if there is an authorizer. */
  authorizer?: Record<string, string | number>;
}

/** A close code with the words that API Gateway puts into the close frame and into `disconnectReason`. */
export interface Closing {
  code: number;
  reason: string;
}

export const closings = {
  deleted: { code: 1000, reason: 'Connection Closed Normally' },
  goingAway: { code: 1001, reason: 'Going away' },
  protocolError: { code: 1002, reason: 'Protocol error' },
  binary: { code: 1003, reason: 'Binary frames are not supported' },
  invalidText: { code: 1007, reason: 'Invalid UTF-8' },
  tooBig: { code: 1009, reason: 'Message too big' },
} satisfies Record<string, Closing>;

/**
 * A client that reads nothing must not fill this process. Once the kernel's buffers are full, posts wait here up to the
 * first limit and are then answered 429. Answers to the client's own messages have no caller to tell: past the
 * second limit the connection ends, without a close frame, which could not reach the client either.
 */
const maxPostedBytes = 512 * 1024;
const maxQueuedBytes = 1024 * 1024;

export class Connection {
  readonly context: ConnectionContext;
  lastActiveAt: number;
  /** Why the gateway is closing it, once it does. */
  closing: Closing | undefined;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #endOfTurn: EndOfTurn;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #guard: FrameLengthGuard;
  #received = 0;
  /** Bytes that go to the socket at the end of this turn. */
  #pendingBytes = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(
    context: ConnectionContext,
    webSocket: WebSocket,
    socket: Duplex,
    settings: { clock: Clock; limits: Limits; endOfTurn: EndOfTurn },
  ) {
    this.context = context;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#endOfTurn = settings.endOfTurn;
    this.#clock = settings.clock;
    this.#limits = settings.limits;
    this.#guard = new FrameLengthGuard(settings.limits.frameBytes);
    this.lastActiveAt = settings.clock.now();
    this.#expire();
  }

  /** False as soon as either side has begun to close, or the socket is known to be dead. */
  get isOpen(): boolean {
    return this.closing === undefined && this.#isWritable;
  }

  get #isWritable(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN && !this.#socket.destroyed;
  }

  /** Bytes from the client, pings among them, before `ws` sees them. */
  follow(chunk: Buffer): void {
    this.lastActiveAt = this.#clock.now();
    if (this.#guard.follow(chunk)) this.close(closings.tooBig);
  }

  /**
   * Whether the message that `ws` has just read is to be handled. When a frame is too long `ws` still reads it, and may
   * do so in the same chunk as whole messages before it: those count, the long one and what follows do not.
   */
  accepts(): boolean {
    this.#received += 1;
    return this.#guard.tripped ? this.#received <= this.#guard.messages : this.closing === undefined;
  }

  /**
   * Hands the bytes of whole frames to the socket; false when the connection is no longer open. Going past `ws` is safe
   * here because nothing else can be in the middle of a message: there is no compression, nothing is sent through
   * `ws.send`, and its pongs and close frames go to the same socket in one piece.
   */
  send(frames: Buffer): boolean {
    if (!this.isOpen) return false;
    this.lastActiveAt = this.#clock.now();
    this.#pendingBytes += frames.length;
    this.#endOfTurn.add(() => this.#write(frames));
    return true;
  }

  /** The same for a post, which a client that reads too slowly is not sent: false also for that. */
  post(frames: Buffer): boolean {
    const waiting = this.#socket.writableLength + this.#pendingBytes;
    return waiting + frames.length <= maxPostedBytes && this.send(frames);
  }

  #write(frames: Buffer): void {
    this.#pendingBytes -= frames.length;
    if (!this.#isWritable) return;
    this.#socket.write(frames);
    if (this.#socket.writableLength > maxQueuedBytes) this.terminate();
  }

  close(closing: Closing): void {
    if (this.closing) return;
    this.closing = closing;
    // Behind what was sent before.
    this.#endOfTurn.add(() => this.#webSocket.close(closing.code, closing.reason));
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /** To be called when the socket is gone. */
  dispose(): void {
    this.#cancelTimer?.();
  }

  /** One timer for idleness and lifetime: it looks again when it fires, so traffic costs it nothing. */
  #expire(): void {
    const { idleSeconds, lifetimeSeconds } = this.#limits;
    const idleAt = this.lastActiveAt + idleSeconds * 1000;
    const endsAt = this.context.connectedAt + lifetimeSeconds * 1000;
    const wait = Math.min(idleAt, endsAt) - this.#clock.now();
    if (wait <= 0) this.close(closings.goingAway);
    else this.#cancelTimer = this.#clock.after(wait, () => this.#expire());
  }
}
