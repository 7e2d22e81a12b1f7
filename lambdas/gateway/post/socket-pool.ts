/**
 * A small pool of keep-alive sockets to one gateway, which stays warm from one invocation to the next. A new TLS socket
 * costs the CPU of dozens of posts. So the pool opens few at a time, while those that are open carry posts, and all but
 * the first resume the first one's TLS session.
 */
import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect as connectSecure,
  createSecureContext,
  type SecureContext,
} from 'node:tls';
import type { Answer } from './answer-parser.ts';
import { type Exchange, KeepAliveSocket, SocketClosedError } from './keep-alive-socket.ts';

export interface SocketPoolOptions {
  /** Protocol, host and port. */
  url: URL;
  /** Sockets at most. */
  size: number;
  /** @default 5000 */
  answerTimeoutMs?: number;
  /** @default 2000 */
  connectTimeoutMs?: number;
  /**
   * A socket that was idle for longer may be closed at its other end, unnoticed while Lambda was frozen. @default 20000
   */
  idleTimeoutMs?: number;
}

/** No connection, or no complete answer, in time. */
export class PostTimeoutError extends Error {
  /** The name of the SDK's own. */
  override readonly name = 'TimeoutError';
}

/** Sockets that connect at the same time. */
const OPENING_AT_ONCE = 8;
/** This many sockets open as needed; each further one opens once POSTS_PER_SOCKET more posts are worth its cost. */
const FIRST_SOCKETS = 64;
const POSTS_PER_SOCKET = 16;
/** After so many failed connects in a row, and no open socket, the gateway counts as out of reach. */
const MOST_FAILED_CONNECTS = 3;

export class SocketPool {
  readonly #options: Required<SocketPoolOptions>;
  readonly #sockets = new Set<KeepAliveSocket>();
  /** Sockets that can take a request; the one used last is taken first. */
  readonly #idle: KeepAliveSocket[] = [];
  readonly #waiting: Exchange[] = [];
  /** Exchanges whose socket died: only a new socket is known to be alive. */
  readonly #lost: Exchange[] = [];
  readonly #secureContext: SecureContext | undefined;
  #opening = 0;
  /** Connects that failed since the last that succeeded. */
  #failedConnects = 0;
  #underWay = 0;
  #posts = 0;
  #session: Buffer | undefined;
  /** The first socket has answered: a server that has sent no session by then sends none. */
  #isProven = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: SocketPoolOptions) {
    this.#options = { answerTimeoutMs: 5_000, connectTimeoutMs: 2_000, idleTimeoutMs: 20_000, ...options };
    this.#secureContext = options.url.protocol === 'https:' ? createSecureContext() : undefined;
  }

  /** @throws PostTimeoutError, MalformedAnswerError, or the socket's own error */
  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#began();
      const exchange: Exchange = {
        request,
        retried: false,
        resolve: answer => {
          this.#ended();
          resolve(answer);
        },
        reject: error => {
          this.#ended();
          reject(error);
        },
      };
      const socket = this.#takeIdle();
      if (socket !== undefined) return socket.start(exchange);
      this.#waiting.push(exchange);
      this.#openMore();
    });
  }

  /** Fails what is in flight; a later post opens new sockets. */
  destroy(): void {
    const error = new SocketClosedError('the client was destroyed');
    this.#giveUp(error);
    for (const socket of this.#sockets) socket.fail(error);
  }

  #takeIdle(): KeepAliveSocket | undefined {
    const oldest = performance.now() - this.#options.idleTimeoutMs;
    for (;;) {
      const socket = this.#idle.pop();
      if (socket === undefined || (socket.isUsable && socket.since > oldest)) return socket;
      socket.destroy();
    }
  }

  /** The first TLS socket opens alone, since all others resume its session. */
  get #waitsForSession(): boolean {
    return this.#secureContext !== undefined && this.#session === undefined && !this.#isProven;
  }

  #openMore(): void {
    const size = Math.min(this.#options.size, FIRST_SOCKETS + this.#posts / POSTS_PER_SOCKET);
    const needsMore = () => this.#opening < this.#waiting.length + this.#lost.length;
    while (needsMore() && this.#opening < OPENING_AT_ONCE && this.#sockets.size < size) {
      if (this.#waitsForSession && this.#sockets.size > 0) return;
      this.#open();
    }
  }

  #open(): void {
    this.#opening += 1;
    const socket = new KeepAliveSocket(
      onread => this.#connect(onread),
      this.#secureContext ? 'secureConnect' : 'connect',
      {
        opened: opened => {
          this.#opening -= 1;
          this.#failedConnects = 0;
          const exchange = this.#lost.shift();
          if (exchange === undefined) this.#free(opened);
          else opened.start(exchange);
          this.#openMore();
        },
        free: answered => {
          const wasProven = this.#isProven;
          this.#isProven = true;
          this.#free(answered);
          if (!wasProven) this.#openMore();
        },
        closed: (closed, error, exchange) => this.#closed(closed, error, exchange),
      },
    );
    this.#sockets.add(socket);
  }

  #connect(onread: OnReadOpts): Socket {
    const { hostname, port } = this.#options.url;
    const host = hostname.replace(/^\[|\]$/g, '');
    if (!this.#secureContext) return connectPlain({ host, port: Number(port || 80), noDelay: true, onread });
    const options: ConnectionOptions & { noDelay: boolean; onread: OnReadOpts } = {
      host,
      port: Number(port || 443),
      // Server Name Indication excludes IP addresses.
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      secureContext: this.#secureContext,
      ALPNProtocols: ['http/1.1'],
      ...(this.#session === undefined ? {} : { session: this.#session }),
      noDelay: true,
      onread,
    };
    const socket = connectSecure(options);
    socket.on('session', session => {
      this.#session = session;
      this.#openMore();
    });
    return socket;
  }

  #free(socket: KeepAliveSocket): void {
    const exchange = this.#waiting.shift();
    if (exchange === undefined) this.#idle.push(socket);
    else socket.start(exchange);
  }

  #closed(socket: KeepAliveSocket, error: Error, exchange: Exchange | undefined): void {
    this.#sockets.delete(socket);
    const at = this.#idle.indexOf(socket);
    if (at >= 0) this.#idle.splice(at, 1);
    if (socket.isOpen) this.#isProven = true;
    else this.#connectFailed();
    if (exchange?.retried) exchange.reject(error);
    else if (exchange !== undefined) this.#lost.push({ ...exchange, retried: true });
    // No socket is left that could serve the exchanges that wait, and no other connect seems to help.
    if (this.#failedConnects >= MOST_FAILED_CONNECTS && this.#sockets.size === this.#opening) {
      this.#failedConnects = 0;
      this.#giveUp(error);
    }
    this.#openMore();
  }

  #connectFailed(): void {
    this.#opening -= 1;
    this.#failedConnects += 1;
  }

  #giveUp(error: Error): void {
    for (const exchange of [...this.#lost.splice(0), ...this.#waiting.splice(0)]) exchange.reject(error);
  }

  /** One timer for all posts: a timer for each would cost more than its signature. */
  #began(): void {
    this.#underWay += 1;
    this.#posts += 1;
    const { answerTimeoutMs, connectTimeoutMs } = this.#options;
    this.#watch ??= setInterval(() => this.#failSlow(), Math.min(answerTimeoutMs, connectTimeoutMs) / 8);
  }

  #ended(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #failSlow(): void {
    const now = performance.now();
    const { answerTimeoutMs, connectTimeoutMs } = this.#options;
    for (const socket of this.#sockets) {
      if (!socket.isOpen && now - socket.since > connectTimeoutMs) {
        socket.fail(new PostTimeoutError(`no connection within ${connectTimeoutMs} ms`));
      } else if (socket.isBusy && now - socket.since > answerTimeoutMs) {
        socket.fail(new PostTimeoutError(`no answer within ${answerTimeoutMs} ms`));
      }
    }
  }
}
