/**
 * One socket to the gateway, with at most one request in flight: the next is written once the last is answered
 * completely. API Gateway does not document pipelining.
 */
import type { OnReadOpts, Socket } from 'node:net';
import { type Answer, parseAnswer } from './answer-parser.ts';

/** One request, and the promise of its answer. */
export interface Exchange {
  request: Buffer;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
  /** It was sent before, on a socket that died. */
  retried: boolean;
}

export interface SocketObserver {
  opened: (socket: KeepAliveSocket) => void;
  /** Its exchange has ended, so it may carry the next. */
  free: (socket: KeepAliveSocket) => void;
  /** It has closed; `exchange` is the one that was in flight, if any. */
  closed: (socket: KeepAliveSocket, error: Error, exchange: Exchange | undefined) => void;
}

/** The connection has ended, and with it the request in flight. */
export class SocketClosedError extends Error {
  override readonly name = 'SocketClosedError';
  readonly code = 'ECONNRESET';
  constructor(message = 'the gateway closed the socket') {
    super(message);
  }
}

const READ_BUFFER_BYTES = 4 * 1024;

export class KeepAliveSocket {
  /** Since when it has been in its state: connecting, waiting for an answer, or idle. */
  since = performance.now();
  isOpen = false;
  readonly #socket: Socket;
  readonly #observer: SocketObserver;
  #exchange: Exchange | undefined;
  #received = '';
  #error: Error | undefined;

  /** @param connect gets the buffer for what is read, which bypasses the stream's own queue */
  constructor(connect: (onread: OnReadOpts) => Socket, openedBy: string, observer: SocketObserver) {
    this.#observer = observer;
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    this.#socket = connect({
      buffer,
      callback: bytes => this.#read(buffer.toString('latin1', 0, bytes)),
    });
    // The pool's timer keeps the process alive, and only while a request waits.
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

  /** Closes it at once; the request in flight fails by this error, without a second attempt. */
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
    // No request is in flight: the bytes belong to no answer, nor would any that follow.
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
