/** A store as bare as the protocol allows: a WebSocket and a queue of what came. Not the client library. */
import { onTestFinished } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import { patience } from '../patience.ts';
import { type System, unique } from './system.ts';

export type Frame = Record<string, unknown>;

/** Both, as a client that sets the header may offer the subprotocol all the same. */
export type Way = 'header' | 'subprotocol' | 'both';

export interface ConnectOptions {
  token?: string | undefined;
  /** @default header */
  by?: Way;
  /** Appended to the endpoint's URL. */
  query?: string;
  /** What a browser says of the page. */
  origin?: string;
  /** How the line calls itself, the same way as it brings its token. */
  name?: string;
}

/** Generous: a cold start on a busy machine. */
const PATIENCE_MS = patience(20_000);

/** A handshake that was answered by a status instead of a line. */
export class RefusedHandshakeError extends Error {
  override readonly name = 'RefusedHandshakeError';
  readonly status: number | undefined;
  constructor(status: number | undefined) {
    super(`the handshake was answered ${status}`);
    this.status = status;
  }
}

export class TestStore {
  readonly #socket: WebSocket;
  readonly #queue: Frame[] = [];
  readonly #waiting = new Set<() => void>();
  /** Everything that came, in its order; `next` takes nothing away from it. */
  readonly received: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', data => this.#take(data));
    this.closed = new Promise(resolve =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  get subprotocol(): string {
    return this.#socket.protocol;
  }

  /** Text and bytes go as they are, everything else as JSON. */
  send(frame: string | Buffer | object): void {
    this.#socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** One message of several fragments, as some WebSocket clients cut a long text by themselves. */
  sendInFragments(parts: readonly string[]): void {
    for (const [index, part] of parts.entries()) this.#socket.send(part, { fin: index === parts.length - 1 });
  }

  /** The first frame not taken yet that fits; waits for it. @throws Error that tells what came instead */
  async next(fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const index = this.#queue.findIndex(fits);
      if (index >= 0) return this.#queue.splice(index, 1)[0] ?? {};
      await this.#change(deadline - performance.now());
    }
  }

  /** The first frame that nobody pushed: on a deployed stack other tests publish to every store, too, and watch. */
  answer(): Promise<Frame> {
    return this.next(({ type }) => type !== 'update' && type !== 'pace');
  }

  /** The update of this id. */
  update(id: string): Promise<Frame> {
    return this.next(frame => frame.type === 'update' && frame.id === id);
  }

  /** Ids of the updates that came so far, in their order, repeats included. */
  get updateIds(): string[] {
    return this.received.filter(({ type }) => type === 'update').map(({ id }) => String(id));
  }

  /** The same, of these ids only. */
  updatesAmong(...ids: string[]): string[] {
    return this.updateIds.filter(id => ids.includes(id));
  }

  /** Sends a ping and waits for its pong. */
  ping(): Promise<Frame> {
    const requestId = unique('ping');
    this.send({ action: 'ping', requestId });
    return this.next(frame => frame.requestId === requestId);
  }

  /** Ends it without a close frame, as a power cut does. */
  cut(): Promise<unknown> {
    this.#socket.terminate();
    return this.closed;
  }

  #take(data: RawData): void {
    const frame = JSON.parse(String(data)) as Frame;
    this.received.push(frame);
    this.#queue.push(frame);
    for (const wake of this.#waiting) wake();
  }

  #change(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        then();
      };
      const wake = (): void => settle(resolve);
      const timer = setTimeout(
        () => settle(() => reject(new Error(`waited in vain; not taken: ${JSON.stringify(this.#queue)}`))),
        withinMs,
      );
      this.#waiting.add(wake);
    });
  }
}

/**
 * Opens a line that ends with the test.
 *
 * @throws RefusedHandshakeError
 */
export async function connect(
  system: System,
  { token, by = 'header', query = '', origin, name }: ConnectOptions,
): Promise<TestStore> {
  const offers =
    by === 'header' ? [] : ['storecast.v1', ...(by === 'subprotocol' ? [`bearer.${token}`] : [])];
  if (name !== undefined && by === 'subprotocol') offers.push(`line.${name}`);
  const headers: Record<string, string> =
    by === 'subprotocol' || token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (origin !== undefined) headers.origin = origin;
  if (name !== undefined && by !== 'subprotocol') headers['storecast-line'] = name;
  const socket = new WebSocket(`${system.storeEndpoint}${query}`, offers, { headers });
  const store = new TestStore(socket);
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
    socket.on('unexpected-response', (request, response) => {
      reject(new RefusedHandshakeError(response.statusCode));
      request.destroy();
    });
  });
  onTestFinished(async () => {
    await store.cut();
  });
  return store;
}

/** The status that refuses a handshake; undefined if a line was opened. */
export async function refusalOf(system: System, options: ConnectOptions): Promise<number | undefined> {
  try {
    await connect(system, options);
    return undefined;
  } catch (error) {
    if (error instanceof RefusedHandshakeError) return error.status;
    throw error;
  }
}

export interface Placement {
  storeId?: string;
  region?: string;
  groups?: string[];
}

/** Opens the line of a store, with a name of its own unless told. */
export async function connectStore(
  system: System,
  { storeId = unique('store'), region, groups = [] }: Placement = {},
): Promise<TestStore & { storeId: string }> {
  const token = await system.mintToken({ role: 'store', storeId, region, groups });
  return Object.assign(await connect(system, { token }), { storeId });
}
