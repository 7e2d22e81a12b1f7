/**
 * One socket to the gateway, and at most one request on it: the next is written only when the last is answered whole. API
 * Gateway doesn't say what it does with requests in a pipeline.
 */
import type { OnReadOpts, Socket } from 'node:net';
import { type Answer, parseAnswer } from './answer-parser.ts';

/** One request and who waits for its answer. */
export interface Exchange {
  request: Buffer;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
  /** It has been on a socket that died. */
  retried: boolean;
}

export interface SocketObserver {
  opened: (socket: KeepAliveSocket) => void;
  /** Its exchange has ended and it may carry the next. */
  free: (socket: KeepAliveSocket) => void;
  /** It is gone; the exchange that died with it, if there was one. */
  closed: (socket: KeepAliveSocket, error: Error, exchange: Exchange | undefined) => void;
}

/** The connection has ended, and with it what was under way on it. */
export class SocketClosedError extends Error {
  override readonly name = 'SocketClosedError';
  readonly code = 'ECONNRESET';
  constructor(message = 'the gateway closed the socket') {
    super(message);
  }
}

const READ_BUFFER_BYTES = 4 * 1024;

export class KeepAliveSocket {
  /** When it began what it does now: connecting, waiting for an answer, being idle. */
  since = performance.now();
  isOpen = false;
  readonly #socket: Socket;
  readonly #observer: SocketObserver;
  #exchange: Exchange | undefined;
  #received = '';
  #error: Error | undefined;

  /** @param connect is given where to put what is read: past the stream's own queue, into one buffer */
  constructor(connect: (onread: OnReadOpts) => Socket, openedBy: string, observer: SocketObserver) {
    this.#observer = observer;
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    this.#socket = connect({
      buffer,
      callback: bytes => this.#read(buffer.toString('latin1', 0, bytes)),
    });
    // What keeps the process alive is the pool's timer, and only while somebody waits.
    this.#socket.unref();
    this.#socket.once(openedBy, () => this.#open());
    this.#socket.on('error', error => {
      this.#error ??= error;
    });
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#close());
  }

  get isUsable(): boolean {
    return this.isOpen && !this.#socket.destroyed;
  }

  get isBusy(): boolean {
    return this.#exchange !== undefined;
  }

  start(exchange: Exchange): void {
    this.#exchange = exchange;
    this.since = performance.now();
    this.#socket.write(exchange.request);
  }

  /** Ends it at once; whoever waits for its answer gets this error, and no second attempt. */
  fail(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#error = error;
    this.#socket.destroy();
    exchange?.reject(error);
  }

  /** For one that is idle. */
  destroy(): void {
    this.#socket.destroy();
  }

  #open(): void {
    this.isOpen = true;
    this.#observer.opened(this);
  }

  #read(piece: string): boolean {
    if (this.#socket.destroyed) return false;
    // Nobody has asked: what else comes on this socket would be the answer to nothing, too.
    if (this.#exchange === undefined) this.#socket.destroy();
    else this.#take(this.#received + piece, false);
    return true;
  }

  #end(): void {
    if (this.#exchange !== undefined && this.#received !== '') this.#take(this.#received, true);
    this.#socket.destroy();
  }

  #take(received: string, ended: boolean): void {
    try {
      const answer = parseAnswer(received, ended);
      if (answer === undefined) this.#received = received;
      else this.#answer(answer);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #answer(answer: Answer): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#received = '';
    this.since = performance.now();
    if (answer.keepAlive) this.#observer.free(this);
    else this.#socket.destroy();
    exchange?.resolve(answer);
  }

  #close(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#observer.closed(this, this.#error ?? new SocketClosedError(), exchange);
  }
}
