/** The chain's end of one connection of the till. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Trace } from '../trace.ts';

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

interface OpenedLine {
  number: number;
  token: string;
  name: string | undefined;
  trace: Trace;
}

export class ChainLine {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #trace: Trace;
  /** Counted from 1. */
  readonly number: number;
  readonly token: string;
  /** What it calls itself. */
  readonly name: string | undefined;
  readonly openedAt = performance.now();
  /** When it ended. */
  closedAt: number | undefined;
  readonly received: Received[] = [];
  /** Whether a sync was answered on it. */
  isSynced = false;
  /** The chain has ended it. */
  #isLetGo = false;

  constructor(socket: WebSocket, stream: Duplex, opened: OpenedLine) {
    this.#socket = socket;
    this.#stream = stream;
    this.#trace = opened.trace;
    this.number = opened.number;
    this.token = opened.token;
    this.name = opened.name;
    this.#trace.opened(this.number);
  }

  get isOpen(): boolean {
    return this.closedAt === undefined;
  }

  /** A text is sent as it is. */
  send(frame: Frame): void {
    this.#trace.note({ line: this.number, chain: frame });
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The till has been told what it missed. */
  synced(): void {
    if (!this.isSynced) this.#trace.step(`line ${this.number} synced`);
    this.isSynced = true;
  }

  /** The connection is gone. */
  ended(code: number): void {
    this.closedAt = performance.now();
    if (!this.#isLetGo) this.#trace.step(`line ${this.number} ended with ${code}`);
    this.#trace.ended(this.number);
  }

  /** The chain says why, and closes. */
  dismiss(reason: 'replaced' | 'revoked', by?: string): void {
    this.send({ type: 'closing', reason, ...(by === undefined ? {} : { by }) });
    this.close(1000);
  }

  close(code: number): void {
    this.#letGo(`closed line ${this.number} with ${code}`);
    this.#socket.close(code);
  }

  /** Breaks without a close frame: 1006. */
  break(): void {
    if (this.isOpen) this.#letGo(`broke line ${this.number}`);
    this.#socket.terminate();
  }

  /** From now on nobody reads what the till sends and nothing is sent; the connection stays, as over a dead router. */
  freeze(): void {
    this.#trace.step(`the chain went silent on line ${this.number}`);
    this.#socket.removeAllListeners('message');
    this.#stream.pause();
  }

  /** Frames of these actions, in the order in which they came. */
  of(...actions: string[]): Received[] {
    return this.received.filter(({ frame }) => actions.includes(frame?.action));
  }

  #letGo(how: string): void {
    this.#isLetGo = true;
    this.#trace.step(`the chain ${how}`);
  }
}
