/**
 * One WebSocket, from its handshake to its end. It ends once, for whatever reason: the API shows a refused handshake
 * (401, 403, 429) as nothing but an error and code 1006, and a dead peer as nothing at all until somebody drops it.
 * Only `ws` tells the status, in its error's message.
 */
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import {
  BEARER_SUBPROTOCOL_PREFIX,
  LINE_SUBPROTOCOL_PREFIX,
  SUBPROTOCOL,
} from '../../domain/protocol/subprotocols.ts';
import type { Clock } from '../time/clock.ts';

/** What the client needs of the WebSocket API; the global one, and that of `ws`, fit. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: object) => void): void;
}
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export interface CloseEvent {
  code: number;
  reason: string;
}

export interface Address {
  url: string;
  token: string;
  /** Names the line, so that the chain can say who took over. */
  name?: string;
}

export interface ConnectionHandlers {
  opened(): void;
  received(text: string): void;
  /** The end of a connection that was open, or of an attempt; nothing follows it. */
  ended(close: CloseEvent): void;
}

const HANDSHAKE_TIMEOUT_MS = 30_000;
const ABNORMAL_CLOSURE = 1006;

export class Connection {
  readonly #socket: WebSocketLike;
  readonly #handlers: ConnectionHandlers;
  readonly #cancelTimeout: () => void;
  #ended = false;
  #error = '';

  constructor(
    WebSocket: WebSocketConstructor,
    { url, token, name }: Address,
    clock: Clock,
    handlers: ConnectionHandlers,
  ) {
    this.#handlers = handlers;
    const naming = name === undefined ? [] : [`${LINE_SUBPROTOCOL_PREFIX}${name}`];
    this.#socket = new WebSocket(url, [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${token}`, ...naming]);
    this.#cancelTimeout = clock.after(HANDSHAKE_TIMEOUT_MS, () => {
      this.#end({ code: ABNORMAL_CLOSURE, reason: 'the handshake took too long' });
      this.#socket.close();
    });
    this.#listen();
  }

  send(frame: StoreFrameInput): void {
    if (!this.#ended) this.#socket.send(JSON.stringify(frame));
  }

  /** Lets go of it without waiting for the peer, and without another word to the handlers. */
  drop(): void {
    this.#ended = true;
    this.#cancelTimeout();
    this.#socket.close();
  }

  #listen(): void {
    this.#socket.addEventListener('open', () => {
      this.#cancelTimeout();
      if (!this.#ended) this.#handlers.opened();
    });
    this.#socket.addEventListener('message', event => {
      const { data } = event as { data?: unknown };
      if (!this.#ended && typeof data === 'string') this.#handlers.received(data);
    });
    this.#socket.addEventListener('error', event => {
      const { message } = event as { message?: unknown };
      if (typeof message === 'string') this.#error = message;
    });
    // It follows every `error`; where it didn't, the handshake's timeout or the heartbeat would notice.
    this.#socket.addEventListener('close', event => {
      const { code, reason } = event as CloseEvent;
      this.#end({ code, reason: reason || this.#error });
    });
  }

  #end({ code, reason }: CloseEvent): void {
    this.#cancelTimeout();
    if (this.#ended) return;
    this.#ended = true;
    this.#handlers.ended({ code, reason });
  }
}
