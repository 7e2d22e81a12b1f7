/** What a store client can be told, and what it does where it isn't. */
import type { UpdateFrame } from '../domain/updates/update.ts';
import { type BackoffLimits, RECONNECT_LIMITS } from './line/backoff.ts';
import type { WebSocketConstructor } from './line/connection.ts';
import { outboxAt, placeOf, type StorePlace } from './sales/default-outbox.ts';
import type { OutboxStorage } from './sales/outbox-storage.ts';
import { type ClientStorage, memoryStorage } from './storage/storage.ts';
import { type Clock, systemClock } from './time/clock.ts';
import type { RebuildReason } from './updates/application.ts';

/** A value, or a function that is asked for it before each connection. */
export type Source = string | (() => string | Promise<string>);

export interface StoreClientOptions {
  /** The store endpoint: `wss://…`. */
  url: Source;
  /** The store's token. */
  token: Source;
  /**
   * Applies an update in the store's own software: one at a time, in the order of arrival. Updates may arrive in any
   * order: `publishedAt` says which is newer. Its receipt is sent once this has resolved. If it throws
   * {@link RejectUpdate}, the store refuses the update for good: the receipt carries the message, and the update is not
   * in the price book. Whatever else it throws is taken for a passing fault: the same update comes again after a while,
   * and again over restarts. After a crash an update may come once more.
   *
   * Messages come here, too, after the handlers of their topic (`onMessage`).
   *
   * @default does nothing: the price book is the application; a message that no handler takes is refused `unsupported_topic`
   */
  apply?: (update: UpdateFrame) => void | Promise<void>;
  /**
   * All that is in force comes anew, because the store moved to other channels or was away for longer than the chain's
   * log reaches back. What `apply` gets from now on belongs to the new whole, live updates among it; what it got before
   * stays in force until `commit`. If it comes again without a `commit`, the whole that it began before counts for
   * nothing. An application that keeps prices of its own needs both; the price book does the same by itself.
   *
   * @default does nothing
   */
  begin?: (reason: RebuildReason) => void | Promise<void>;
  /** The new whole is complete: it takes the place of all that came before `begin`. @default does nothing */
  commit?: () => void | Promise<void>;
  /**
   * Where the chain gives fresh tokens. With it, and `token` given as a string, the client renews the token when the
   * chain says so, at half of its life; and it learns that a handshake was refused for the token's sake
   * (`unauthorized`) where the WebSocket doesn't tell.
   */
  managementUrl?: string;
  /** Gets each renewed token, to be kept for the next start. */
  onToken?: (token: string) => void;
  /** @default memoryStorage(): every start syncs from the start */
  storage?: ClientStorage;
  /**
   * Where sales wait until the chain has accepted them. In memory, where they end with the process, only by
   * `memoryOutbox()`.
   *
   * @default in Node a `fileOutbox` in the home directory's folder `.storecast/HOST/STORE`, in browsers an
   * `indexedDbOutbox` called `storecast outbox HOST STORE`: HOST is that of `url`, STORE the id in `token`. Where the
   * token names no store, `send` throws
   */
  outbox?: OutboxStorage;
  /**
   * How long sales gather, unless a frame is full before (50 sales or 30 KB).
   *
   * @default as the chain says: half a second while somebody watches, and in the first minute after the start, else until their
   * minute is over and the store's moment to report has come
   */
  salesBatchMs?: number | undefined;
  /**
   * How fast a backlog leaves, so that a fleet back from an outage doesn't flood the chain.
   *
   * @default 50: one full frame a second, which drains eight hours of seven sales a minute in a bit over a minute
   */
  salesPerSecond?: number;
  /** @default the runtime's own */
  WebSocket?: WebSocketConstructor;
  /** @default 4 minutes, below the gateway's idle limit of 10 */
  heartbeatMs?: number;
  /** How long a ping may stay unanswered before the line counts as dead. @default 20 seconds */
  pongTimeoutMs?: number;
  /** When a new connection takes over, give or take 5 %. @default 110 minutes, below the gateway's limit of 2 hours */
  rotationMs?: number;
  /** How long a question, receipts or sales may stay unanswered before they are repeated. @default 10 seconds */
  answerTimeoutMs?: number;
  /** Between attempts to connect, and on top of `answerTimeoutMs`. @default 1 second, doubling up to 60 */
  backoff?: BackoffLimits;
  /** For tests. */
  clock?: Clock;
  /** For tests. @default Math.random */
  random?: () => number;
}

/** The options with nothing left open. */
export interface Settings
  extends Required<Omit<StoreClientOptions, 'apply' | 'url' | 'token' | 'managementUrl' | 'salesBatchMs'>> {
  apply: StoreClientOptions['apply'];
  url: () => string | Promise<string>;
  token: () => string | Promise<string>;
  /** A token that is a value: one that the client renews itself. */
  renewableToken: string | undefined;
  managementUrl: string | undefined;
  salesBatchMs: number | undefined;
}

/** Opens the outbox of a store that was given none. */
export type OpenOutbox = (place: StorePlace) => OutboxStorage;

/**
 * @throws TypeError if the runtime has no WebSocket and none is given
 * @throws RangeError if no sale could ever leave
 */
export function resolveOptions(options: StoreClientOptions, openOutbox: OpenOutbox): Settings {
  const {
    url,
    token,
    apply,
    begin = () => {},
    commit = () => {},
    managementUrl,
    onToken = () => {},
    storage = memoryStorage(),
    outbox = outboxAt(async () => placeOf(await ask(url), await ask(token)), openOutbox),
    salesBatchMs,
    salesPerSecond = 50,
    WebSocket = runtimeWebSocket(),
    heartbeatMs = 4 * 60_000,
    pongTimeoutMs = 20_000,
    rotationMs = 110 * 60_000,
    answerTimeoutMs = 10_000,
    backoff = RECONNECT_LIMITS,
    clock = systemClock,
    random = Math.random,
  } = options;
  if (!(salesPerSecond > 0))
    throw new RangeError(`salesPerSecond is ${salesPerSecond}; it must be more than 0`);
  return {
    url: () => ask(url),
    token: () => ask(token),
    renewableToken: typeof token === 'string' ? token : undefined,
    apply,
    begin,
    commit,
    managementUrl,
    onToken,
    storage,
    outbox,
    salesBatchMs,
    salesPerSecond,
    WebSocket,
    heartbeatMs,
    pongTimeoutMs,
    rotationMs,
    answerTimeoutMs,
    backoff,
    clock,
    random,
  };
}

function ask(source: Source): string | Promise<string> {
  return typeof source === 'string' ? source : source();
}

function runtimeWebSocket(): WebSocketConstructor {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketConstructor };
  if (WebSocket === undefined) {
    throw new TypeError("this runtime has no WebSocket; pass one, such as that of 'ws', as an option");
  }
  return WebSocket;
}
