/** A store's line as `doctor` tries it: by either handshake, each frame kept, and how it ended. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../../domain/protocol/subprotocols.ts';

export type Frame = Record<string, unknown>;

export interface Ending {
  code: number;
  reason: string;
}

/** By what a store opens its line. */
export interface Caller {
  endpoint: string;
  token: string;
  /** How long anything may take that is waited for. */
  patienceMs: number;
}

export class LineRefusedError extends Error {
  override readonly name = 'LineRefusedError';
}

export class ProbeLine {
  /** Which sub-protocol the chain has selected; empty for none. */
  readonly protocol: string;
  readonly ended: Promise<Ending>;
  readonly #socket: WebSocket;
  readonly #frames: Frame[];
  readonly #patienceMs: number;
  #wake = () => {};

  /** @param socket that is open */
  constructor(socket: WebSocket, frames: Frame[], patienceMs: number) {
    this.#socket = socket;
    this.#frames = frames;
    this.#patienceMs = patienceMs;
    this.protocol = socket.protocol;
    socket.on('message', () => this.#wake());
    this.ended = new Promise(resolve =>
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** As it is: what a frame should not be, too. */
  sendRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  /** Sends a frame, and waits for its answer. @throws Error for an answer of another type */
  async ask(frame: object, type: string): Promise<Frame> {
    const requestId = randomUUID();
    this.send({ ...frame, requestId });
    const answer = await this.next(`an answer of ${type}`, ({ requestId: echoed }) => echoed === requestId);
    if (answer.type !== type) throw new Error(`${type} was expected, and came ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The first frame of this kind, come or yet to come. @throws Error that names what did not come */
  async next(what: string, isWanted: (frame: Frame) => boolean): Promise<Frame> {
    const deadline = Date.now() + this.#patienceMs;
    for (;;) {
      const found = this.#frames.find(isWanted);
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0 || this.#socket.readyState !== WebSocket.OPEN) throw new Error(`${what} did not come`);
      await this.#change(left);
    }
  }

  /** How the chain ends it. @throws Error if it doesn't */
  async ending(): Promise<Ending> {
    const late = new Promise<undefined>(resolve => {
      setTimeout(() => resolve(undefined), this.#patienceMs).unref();
    });
    const ending = await Promise.race([this.ended, late]);
    if (ending === undefined) throw new Error(`the line was still open after ${this.#patienceMs / 1_000} s`);
    return ending;
  }

  /** Ends it as a client does that has done. */
  async close(): Promise<void> {
    this.#socket.close(1000);
    setTimeout(() => this.#socket.terminate(), this.#patienceMs).unref();
    await this.ended;
  }

  #change(withinMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      void this.ended.then(this.#wake);
    });
  }
}

/**
 * @param by where the token stands
 * @throws LineRefusedError naming the status
 */
export function openLine(
  { endpoint, patienceMs, token }: Caller,
  by: 'header' | 'sub-protocol',
): Promise<ProbeLine> {
  const offers = by === 'header' ? [] : [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${token}`];
  const headers = by === 'header' ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(endpoint, offers, { headers, handshakeTimeout: patienceMs });
    const frames: Frame[] = [];
    socket.on('message', data => frames.push(JSON.parse(String(data)) as Frame));
    socket.on('open', () => resolve(new ProbeLine(socket, frames, patienceMs)));
    socket.on('error', reject);
    socket.on('unexpected-response', (request, response) => {
      reject(new LineRefusedError(`the handshake by ${by} is answered ${response.statusCode}`));
      request.destroy();
    });
  });
}
