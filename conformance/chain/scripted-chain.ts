/**
 * A chain of one store that does as a scenario says: a WebSocket and an HTTP server of its own. Left alone it is a
 * well-behaved one that remembers all that came in.
 */
import { randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocketServer } from 'ws';
import type { Watch } from '../till-watch.ts';
import { readable, type Trace } from '../trace.ts';
import { answerTo, errorFrame, faultOf, idsIn } from './answers.ts';
import { ChainLine, type Frame, type Received } from './chain-line.ts';
import { ChannelLog, type Publication, type WrittenUpdate } from './channel-log.ts';
import { type Handshake, readHandshake, refuse } from './till-handshake.ts';
import { TokenOffice } from './token-office.ts';

const MAX_FRAME_BYTES = 32 * 1_024;
/** As a deployed stage has it: a till takes the address as it is. */
const STORE_PATH = '/prod';
const MANAGEMENT_PATH = '/api/';

/** A scenario's answer to a frame: none at all. */
export const NOTHING = Symbol('no answer');
/** `undefined` leaves the answer to the well-behaved chain. */
type Answer = (frame: Frame, line: ChainLine) => Frame | typeof NOTHING | undefined;

export interface SentSale {
  sale: Frame;
  received: Received;
}
export interface SentReceipt {
  receipt: { id: string; appliedAt?: string; reason?: string };
  received: Received;
}
export interface TokenRequest {
  at: number;
  token: string | undefined;
  status: number;
  answer: { token: string; expiresAt: string; renewAt: string } | undefined;
}

export class ScriptedChain {
  readonly #watch: Watch;
  readonly #trace: Trace;
  readonly #server: Server;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: offered => (offered.has('storecast.v1') ? 'storecast.v1' : false),
  });
  #port = 0;
  /** No two publications are of one moment, unless they say so. */
  #publishedAt = 0;
  readonly #unanswered: Duplex[] = [];

  readonly storeId = `0417-${randomInt(2 ** 40).toString(36)}`;
  readonly office: TokenOffice;
  readonly log = new ChannelLog();
  channels: readonly string[] = ['all', 'region/north', 'group/city', `store/${this.storeId}`];
  /** The store's, as the answers say it. */
  timeZone = 'Europe/Berlin';
  /** The chain's time less the device's. */
  skewMs = 0;
  reportEveryMs = 1_000;
  /** When a renewed token, of 90 days, is to be renewed. */
  renewAfterSeconds = 45 * 86_400;

  /** The status to refuse a handshake with, or not even that. @default undefined: by its token */
  admit: (handshake: Handshake) => number | 'unanswered' | undefined = () => undefined;
  answer: Answer = () => undefined;
  /** The status of the answer to a token that holds, in the place of a fresh one. */
  renewal: () => number | undefined = () => undefined;

  readonly handshakes: Handshake[] = [];
  readonly lines: ChainLine[] = [];
  readonly received: Received[] = [];
  readonly tokenRequests: TokenRequest[] = [];
  /** What no till may do in any scenario. */
  readonly faults: string[] = [];

  constructor(watch: Watch, trace: Trace) {
    this.#watch = watch;
    this.#trace = trace;
    this.office = new TokenOffice({
      storeId: this.storeId,
      region: 'north',
      groups: ['city'],
      timeZone: this.timeZone,
    });
    this.#server = createServer((request, response) => this.#request(request, response));
    this.#server.on('upgrade', (request, stream, head) => this.#upgrade(request, stream, head));
  }

  /** Listens, at the port of before if there was one. */
  async up(): Promise<void> {
    if (this.#port !== 0) this.#trace.step('the chain came back');
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen(this.#port, '127.0.0.1', listening.resolve);
    await listening.promise;
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Nobody is there: connections are refused. */
  async down(): Promise<void> {
    this.#trace.step('the chain went away');
    for (const stream of this.#unanswered) stream.destroy();
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    for (const line of this.lines) line.break();
    this.#server.closeAllConnections();
    await closed.promise;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}${STORE_PATH}`;
  }

  get managementUrl(): string {
    return `http://127.0.0.1:${this.#port}${MANAGEMENT_PATH}`;
  }

  now(): number {
    return Date.now() + this.skewMs;
  }

  /** The chain's time, or that of some milliseconds later. */
  timestamp(inMs = 0): string {
    return new Date(this.now() + inMs).toISOString();
  }

  /** The line that was opened last, if it is open. */
  get line(): ChainLine | undefined {
    return this.lines.findLast(({ isOpen }) => isOpen);
  }

  /** Enters an update in the log and posts it, unless it is to be lost on the way. */
  publish(publication: Publication, { isPosted = true } = {}): WrittenUpdate {
    this.#publishedAt = Math.max(this.#publishedAt + 1, this.now());
    const update = this.log.append(publication, new Date(this.#publishedAt).toISOString());
    if (isPosted) this.line?.send(update);
    return update;
  }

  positions(): Record<string, number> {
    return this.log.positions(this.channels);
  }

  pong(change: Frame = {}): Frame {
    const { timeZone, reportEveryMs } = this;
    const serverTime = this.timestamp();
    return { type: 'pong', positions: this.positions(), timeZone, serverTime, reportEveryMs, ...change };
  }

  synced({ requestId }: Frame, change: Frame): Frame {
    const rest = { updates: [], ...this.pong({ requestId }), more: false, ...change };
    return { ...rest, type: 'synced', recovered: rest.recovered ?? true };
  }

  reportAccepted(frame: Frame, change: Frame): Frame {
    const { requestId, sales = [] } = frame;
    const saleIds = sales.map(({ saleId }: Frame) => saleId);
    return {
      ...this.pong({ requestId }),
      type: 'report.accepted',
      saleIds,
      rejected: [],
      ids: idsIn(frame),
      ...change,
    };
  }

  /** Each time that a sale came, whatever carried it. */
  salesOf(saleId: string): SentSale[] {
    return this.received.flatMap(received =>
      (received.frame.sales ?? [])
        .filter((sale: Frame) => sale?.saleId === saleId)
        .map((sale: Frame) => ({ sale, received })),
    );
  }

  /** Each receipt of an update that came. */
  receiptsOf(id: string): SentReceipt[] {
    return this.received.flatMap(received =>
      [...(received.frame.updates ?? []), ...(received.frame.rejected ?? [])]
        .filter((receipt: Frame) => receipt?.id === id)
        .map((receipt: Frame) => ({ receipt, received })),
    );
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => {});
    const handshake = readHandshake(request, STORE_PATH);
    this.handshakes.push(handshake);
    if (handshake.fault !== undefined) this.#fault(handshake.fault);
    const status =
      this.admit(handshake) ?? (this.office.isGood(handshake.token, this.now()) ? undefined : 401);
    if (status === 'unanswered') {
      this.#unanswered.push(stream);
      this.#trace.step('a handshake was left unanswered');
    } else if (status === undefined) {
      this.#webSockets.handleUpgrade(request, stream, head, socket => {
        const { token = '', name } = handshake;
        const line = new ChainLine(socket, stream, {
          number: this.lines.length + 1,
          token,
          name,
          trace: this.#trace,
        });
        socket.on('message', (data, isBinary) => this.#message(line, data, isBinary));
        socket.on('error', () => {});
        socket.on('close', code => {
          line.ended(code);
          this.#watch.changed();
        });
        handshake.line = line;
        this.lines.push(line);
        this.#watch.changed();
      });
    } else {
      handshake.status = status;
      this.#trace.step(`a handshake was refused with ${status}`);
      refuse(stream, status);
      this.#watch.changed();
    }
  }

  #message(line: ChainLine, data: RawData, isBinary: boolean): void {
    const text = data.toString();
    const bytes = Buffer.byteLength(text);
    this.#trace.note({ line: line.number, till: readable(text) });
    const fault = isBinary ? undefined : faultOf(text);
    if (isBinary) this.#fault('the till sent a binary frame');
    else if (bytes > MAX_FRAME_BYTES)
      this.#fault(`the till sent a frame of ${bytes} bytes; 32 KB is the most`);
    else if (fault !== undefined)
      this.#fault(`the till sent a frame that is ${fault.code}: ${fault.message}, in ${text.slice(0, 200)}`);
    if (isBinary || bytes > MAX_FRAME_BYTES) line.close(isBinary ? 1003 : 1009);
    else if (fault !== undefined)
      line.send(errorFrame({ requestId: fault.requestId }, fault.code, fault.message));
    else this.#take({ line, frame: JSON.parse(text), at: performance.now(), bytes });
    this.#watch.changed();
  }

  #take(received: Received): void {
    const { line, frame } = received;
    line.received.push(received);
    this.received.push(received);
    const scripted = this.answer(frame, line);
    if (scripted === NOTHING) return;
    line.send(scripted ?? answerTo(this, frame));
    if (frame.action === 'sync' && scripted === undefined) line.synced();
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const isToken = request.method === 'POST' && request.url === `${MANAGEMENT_PATH}token`;
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const isGood = this.office.isGood(token, this.now());
    const status = isToken ? ((isGood ? this.renewal() : 401) ?? 200) : 404;
    const answer = status === 200 ? this.#freshToken() : undefined;
    if (isToken) this.tokenRequests.push({ at: performance.now(), token, status, answer });
    this.#trace.step(`${request.method} ${request.url} was answered ${status}`);
    const type = status === 200 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type });
    response.end(JSON.stringify(answer ?? { title: 'as the scenario has it', status }));
    this.#watch.changed();
  }

  #freshToken(): TokenRequest['answer'] {
    const iat = Math.floor(this.now() / 1_000);
    const exp = iat + 90 * 86_400;
    const time = (seconds: number) => new Date(seconds * 1_000).toISOString();
    const renewAt = time(iat + this.renewAfterSeconds);
    return { token: this.office.mint(iat, exp), expiresAt: time(exp), renewAt };
  }

  #fault(fault: string): void {
    this.faults.push(fault);
  }
}
