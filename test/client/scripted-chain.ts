/** A chain whose every frame is written by the test: a real WebSocket server, and queues of what comes in. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  createStoreClient,
  memoryOutbox,
  memoryStorage,
  type StoreClient,
  type StoreClientEvents,
  type StoreClientOptions,
} from '../../client/node.ts';
import type { Positions, UpdateFrame } from '../../domain/updates/update.ts';
import { ManualClock } from './manual-clock.ts';

/** What happened, for `await next()` instead of a sleep. */
export class Inbox<T> {
  readonly #items: { item: T }[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(item);
    else this.#items.push({ item });
  }

  next(): Promise<T> {
    const first = this.#items.shift();
    return first ? Promise.resolve(first.item) : new Promise(resolve => this.#waiting.push(resolve));
  }

  get size(): number {
    return this.#items.length;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames at any depth.
type Frame = any;

/** The chain's end of one connection. */
export class ScriptedLine {
  readonly #socket: WebSocket;
  readonly #clock: ChainClock;
  readonly #frames = new Map<string, Inbox<Frame>>();
  readonly token: string;
  /** What the line calls itself. */
  readonly name: string;
  readonly closed: Promise<unknown>;
  /** Where the store last said that it stands. */
  #positions: Positions = {};
  /** Bytes of the longest frame. */
  longest = 0;
  /** Frames that were reports. */
  reports = 0;
  /** As if somebody watched, unless a test says otherwise. */
  reportEveryMs = 1_000;

  constructor(socket: WebSocket, { token, name }: { token: string; name: string }, clock: ChainClock) {
    this.#socket = socket;
    this.token = token;
    this.name = name;
    this.#clock = clock;
    this.closed = once(socket, 'close');
    socket.on('message', data => {
      const frame = JSON.parse(data.toString());
      if (frame.action === 'report') this.reports += 1;
      this.longest = Math.max(this.longest, Buffer.byteLength(data.toString()));
      if (frame.positions !== undefined) this.#positions = frame.positions;
      for (const part of partsOf(frame)) this.#inbox(part.action).push(part);
    });
  }

  /** The answer to a report, or to a part of one. */
  acceptReport({ requestId }: Frame, answer: Frame): void {
    this.send({
      type: 'report.accepted',
      requestId,
      saleIds: [],
      rejected: [],
      ids: [],
      positions: this.#positions,
      reportEveryMs: this.reportEveryMs,
      serverTime: this.#clock.timestamp(),
      ...answer,
    });
  }

  /** The next frame of this action. */
  next(action: string): Promise<Frame> {
    return this.#inbox(action).next();
  }

  /** Frames of any action that came and nobody asked for. */
  get unread(): number {
    return [...this.#frames.values()].reduce((sum, { size }) => sum + size, 0);
  }

  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Waits for a sync and answers it. Answers with what was asked. */
  async sync(positions: Positions | undefined, answer: Frame = {}): Promise<Frame> {
    const frame = await this.next('sync');
    this.answer(frame, positions, answer);
    return frame;
  }

  /** Answers a sync, with nothing missed unless told otherwise. */
  answer({ requestId }: Frame, positions: Positions | undefined, answer: Frame = {}): void {
    this.send({
      type: 'synced',
      requestId,
      recovered: true,
      updates: [],
      positions,
      more: false,
      serverTime: this.#clock.timestamp(),
      reportEveryMs: this.reportEveryMs,
      ...answer,
    });
  }

  /** Waits for a ping and answers it. */
  async pong(positions: Positions): Promise<void> {
    const { requestId } = await this.next('ping');
    this.send({ type: 'pong', requestId, positions, serverTime: this.#clock.timestamp() });
  }

  /** Waits for receipts and accepts them. */
  async accept(): Promise<Frame> {
    const frame = await this.next('applied');
    this.acceptReport(frame, { ids: [...frame.updates, ...frame.rejected].map(({ id }) => id) });
    return frame;
  }

  #inbox(action: string): Inbox<Frame> {
    const inbox = this.#frames.get(action) ?? new Inbox<Frame>();
    this.#frames.set(action, inbox);
    return inbox;
  }

  break(): void {
    this.#socket.terminate();
  }

  close(code: number): void {
    this.#socket.close(code);
  }
}

/** A report as the frames that it is made of, `sales` and `applied`; one that carries neither is whole. */
function partsOf(frame: Frame): Frame[] {
  if (frame.action !== 'report') return [frame];
  const { action: _, requestId, positions, sales = [], updates, rejected, ...rest } = frame;
  const parts = [];
  if (sales.length > 0) parts.push({ action: 'sales', requestId, positions, sales });
  if (updates.length + rejected.length > 0)
    parts.push({ action: 'applied', requestId, positions, updates, rejected });
  return parts.length > 0 ? parts : [{ ...rest, action: 'report', requestId, positions }];
}

/** The chain's own time: the device's, and by how much the device is wrong. */
export class ChainClock {
  readonly #device: ManualClock;
  skewMs = 0;
  constructor(device: ManualClock) {
    this.#device = device;
  }
  timestamp(ms = 0): string {
    return this.#device.at(this.skewMs + ms);
  }
}

export class ScriptedChain {
  readonly clock = new ManualClock();
  readonly time = new ChainClock(this.clock);
  readonly lines = new Inbox<ScriptedLine>();
  /** Handshakes to refuse before one is let in. */
  refusals: number[] = [];
  readonly #server: WebSocketServer;
  readonly #clients = new Set<StoreClient>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket, request) => {
      const protocols = String(request.headers['sec-websocket-protocol']).split(/, ?/);
      const after = (prefix: string) =>
        protocols.find(protocol => protocol.startsWith(prefix))?.slice(prefix.length) ?? '';
      const line = { token: after('bearer.'), name: after('line.') };
      this.lines.push(new ScriptedLine(socket, line, this.time));
    });
  }

  static async start(): Promise<ScriptedChain> {
    const chain: ScriptedChain = new ScriptedChain(
      new WebSocketServer({
        host: '127.0.0.1',
        port: 0,
        handleProtocols: protocols => (protocols.has('storecast.v1') ? 'storecast.v1' : false),
        verifyClient: (_, answer) => {
          const status = chain.refusals.shift();
          answer(status === undefined, status);
        },
      }),
    );
    await once(chain.#server, 'listening');
    return chain;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A store of this chain. Random numbers are 0.5, and sales are kept in memory, unless told otherwise. */
  store(options: Partial<StoreClientOptions> = {}): TestStore {
    return this.bareStore({ outbox: memoryOutbox(), ...options });
  }

  /** A store that keeps its sales where the library does by default. */
  bareStore(options: Partial<StoreClientOptions>): TestStore {
    const client = createStoreClient({
      url: this.url,
      token: 'abc',
      clock: this.clock,
      random: () => 0.5,
      storage: memoryStorage(),
      ...options,
    });
    this.#clients.add(client);
    return new TestStore(client);
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await Promise.all([...this.#clients].map(client => client.close()));
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A client, with a queue for each of its events. */
export class TestStore {
  readonly client: StoreClient;
  readonly #inboxes = new Map<string, Inbox<Frame>>();

  constructor(client: StoreClient) {
    this.client = client;
    for (const name of eventNames) {
      const inbox = new Inbox<Frame>();
      this.#inboxes.set(name, inbox);
      client.on(name, event => inbox.push(event));
    }
  }

  async next<Name extends keyof StoreClientEvents>(name: Name): Promise<StoreClientEvents[Name]> {
    return this.#inboxes.get(name)?.next();
  }

  /** Events that came and nobody asked for. */
  unread(name: keyof StoreClientEvents): number {
    return this.#inboxes.get(name)?.size ?? 0;
  }
}

const eventNames: (keyof StoreClientEvents)[] = [
  'open',
  'close',
  'update',
  'applied',
  'rejected',
  'synced',
  'price.effective',
  'price.ended',
  'offer.started',
  'offer.ended',
  'outbox',
  'replaced',
  'revoked',
  'unauthorized',
  'message.accepted',
  'message.refused',
  'error',
];

/** A price of 100 for the SKU `A`, published as number `n` of channel `all`. */
export function price(n: number, change: Partial<UpdateFrame> = {}, amount = 100 * n): UpdateFrame {
  return {
    type: 'update',
    id: `price-${n}`,
    kind: 'price.changed',
    positions: { all: n },
    publishedAt: new Date(Date.parse('2026-12-01T07:00:00Z') + n * 1000).toISOString(),
    validFrom: null,
    validUntil: null,
    data: { prices: [{ sku: 'A', amount, currency: 'EUR' }] },
    ...change,
  };
}

/** An offer, published as number `n` of channel `all`. */
export function offer(n: number, validUntil: string, change: Partial<UpdateFrame> = {}): UpdateFrame {
  return price(n, {
    id: `offer-${n}`,
    kind: 'offer.published',
    validUntil,
    data: { offerId: `O${n}`, title: 'Apples', skus: ['A'], discount: { percent: 10 } },
    ...change,
  });
}
