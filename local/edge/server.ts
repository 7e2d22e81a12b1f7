/**
 * The one port. It reads each request whole before a service sees it, so that a client that breaks off in the middle of
 * a body reaches none of them, and refuses what was not sent to this machine.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { EndOfTurn } from '../end-of-turn.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { isThisMachine } from './host.ts';
import { ignoreOffer, isOfferToIgnore } from './upgrade.ts';

/** An HTTP API's answer may set several cookies, each in a header of its own. */
type Answer = HttpResponse & { cookies?: readonly string[] };

export interface EdgeHandlers {
  request(request: HttpRequest): Promise<Answer>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A request that failed for no fault of its client. */
  failed(error: unknown): void;
}

/** Above the largest body of the services behind it: DynamoDB's 16 MB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The port is taken by another process. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}

export class EdgeServer {
  readonly #server: Server;
  readonly #endOfTurn = new EndOfTurn();
  /** Asking the socket for it costs a call into the kernel. */
  #port = 0;
  #handlers: EdgeHandlers | undefined;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    // Longer than clients pause between two posts: a post that meets a closing socket would fail.
    this.#server.keepAliveTimeout = 120_000;
  }

  /**
   * Listens on loopback only. What comes in before `serve` waits for nothing: it is answered 503.
   *
   * @throws PortInUseError
   */
  static async listen(port: number): Promise<EdgeServer> {
    const edge = new EdgeServer();
    await new Promise<void>((resolve, reject) => {
      edge.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'EADDRINUSE' ? new PortInUseError(`port ${port} is in use`) : error);
      });
      edge.#server.listen(port, '127.0.0.1', resolve);
    });
    edge.#port = (edge.#server.address() as AddressInfo).port;
    return edge;
  }

  get port(): number {
    return this.#port;
  }

  serve(handlers: EdgeHandlers): void {
    this.#handlers = handlers;
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener an error of a socket that is being handed over would end the process.
    socket.on('error', () => socket.destroy());
    if (isOfferToIgnore(request)) ignoreOffer(this.#server, request, socket, head);
    else if (!isThisMachine(request.headers.host)) refuseUpgrade(socket, '403 Forbidden');
    else if (this.#handlers === undefined) refuseUpgrade(socket, '503 Service Unavailable');
    else this.#handlers.upgrade(request, socket, head);
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (!isThisMachine(incoming.headers.host)) return this.#write(outgoing, FORBIDDEN_HOST);
    try {
      const request = await readRequest(incoming);
      if (request === undefined) return;
      const answer = await this.#handlers?.request(request);
      this.#write(outgoing, answer ?? { status: 503, headers: {}, body: '' });
    } catch (error) {
      this.#handlers?.failed(error);
      this.#write(outgoing, INTERNAL_FAILURE);
    }
  }

  #write(outgoing: ServerResponse, { status, headers, body, cookies = [] }: Answer): void {
    if (outgoing.headersSent || outgoing.destroyed) return;
    const cookieHeader = cookies.length > 0 ? { 'set-cookie': [...cookies] } : {};
    outgoing.writeHead(status, { ...headers, ...cookieHeader, 'content-length': Buffer.byteLength(body) });
    this.#endOfTurn.add(() => outgoing.end(body));
  }
}

/** "Common errors" of the AWS APIs: clients try again. */
const INTERNAL_FAILURE = jsonResponse(500, {
  __type: 'InternalFailure',
  message: 'The request processing has failed because of an unknown error, exception or failure.',
});

const FORBIDDEN_HOST = jsonResponse(
  403,
  { message: 'Forbidden: the local cloud answers by loopback addresses and localhost only' },
  { connection: 'close' },
);

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
}

/** The whole request; undefined if its client went away or sent too much. */
async function readRequest(incoming: IncomingMessage): Promise<HttpRequest | undefined> {
  const body = await readBody(incoming);
  if (body === undefined) return undefined;
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    headers: joinHeaders(incoming.headers),
    body,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
  };
}

/** By its events: an async iterator would cost as much as all the rest of a post. */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= MAX_BODY_BYTES) return;
      incoming.removeAllListeners('data');
      incoming.socket.end('HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\n\r\n');
      resolve(undefined);
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes)));
    // Its client went away.
    incoming.on('error', () => resolve(undefined));
    incoming.on('close', () => resolve(undefined));
  });
}

function joinHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name] ?? '';
    joined[name] = typeof value === 'string' ? value : value.join(',');
  }
  return joined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
