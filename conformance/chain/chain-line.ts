/** The chain's end of one connection of the till. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** What came in or went out, as JSON; tests look into frames at any depth. */
// biome-ignore lint/suspicious/noExplicitAny: a till may write anything.
export type Frame = any;

export interface Received {
  line: ChainLine;
  frame: Frame;
  /** Milliseconds on a clock that nobody sets. */
  at: number;
  bytes: number;
}

export class ChainLine {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly token: string;
  /** What it calls itself. */
  readonly name: string | undefined;
  readonly openedAt = performance.now();
  /** When it ended. */
  closedAt: number | undefined;
  readonly received: Received[] = [];
  /** Whether a sync was answered on it. */
  isSynced = false;

  constructor(socket: WebSocket, stream: Duplex, opened: { token: string; name: string | undefined }) {
    this.#socket = socket;
    this.#stream = stream;
    this.token = opened.token;
    this.name = opened.name;
  }

  get isOpen(): boolean {
    return this.closedAt === undefined;
  }

  /** A text is sent as it is. */
  send(frame: Frame): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The chain says why, and closes. */
  dismiss(reason: 'replaced' | 'revoked', by?: string): void {
    this.send({ type: 'closing', reason, ...(by === undefined ? {} : { by }) });
    this.close(1000);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  /** Breaks without a close frame: 1006. */
  break(): void {
    this.#socket.terminate();
  }

  /** From now on nobody reads what the till sends and nothing is sent; the connection stays, as over a dead router. */
  freeze(): void {
    this.#socket.removeAllListeners('message');
    this.#stream.pause();
  }

  /** Frames of these actions, in the order in which they came. */
  of(...actions: string[]): Received[] {
    return this.received.filter(({ frame }) => actions.includes(frame?.action));
  }
}
