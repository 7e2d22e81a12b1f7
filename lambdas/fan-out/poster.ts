/**
 * Posts one frame to every member that streams in: bounded by a window, paced by a bucket, retried with full jitter. A
 * dead line, a throttle or a fault never stops the other posts. A post that the gateway accepted does not prove that
 * the store has it.
 */
import {
  type ApiGatewayManagementApiClient,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Environment } from '../../domain/names.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { createGatewayClient, POST_WINDOW } from '../gateway/gateway.ts';
import type { Member } from '../registry/connection-items.ts';
import { Pacer, type TurnBucket } from './pacer.ts';

export interface PostReport {
  sent: number;
  /** Their lines are closed (410). */
  gone: Member[];
  /** Not posted, in spite of the retries or because time ran out. */
  failed: Member[];
  /** Answers of 429; each such post was retried or failed. */
  throttled: number;
}

export interface PosterOptions {
  client: ApiGatewayManagementApiClient;
  pacer: Pacer;
  /** Posts in flight at once. */
  window: number;
  /** Attempts for one member, the first included. @default 5 */
  attempts?: number;
  wait?: (ms: number) => Promise<void>;
  random?: () => number;
}

/** The poster that the stack gave this function. @param bucket the source of its turns @default a bucket of its own */
export function posterFromEnvironment(bucket?: TurnBucket): Poster {
  return new Poster({
    client: createGatewayClient(required(Environment.gatewayEndpoint)),
    pacer: new Pacer({
      rate: requiredNumber(Environment.postsPerSecond),
      burst: requiredNumber(Environment.postBurst),
      ...(bucket && { bucket }),
    }),
    window: POST_WINDOW,
  });
}

const FIRST_BACKOFF_MS = 100;

export type Outcome = 'sent' | 'gone' | 'failed';

export interface PostObserver {
  started?: (member: Member) => void;
  settled?: (member: Member, outcome: Outcome) => void;
}

export class Poster {
  readonly #options: Required<PosterOptions>;

  constructor(options: PosterOptions) {
    this.#options = {
      attempts: 5,
      wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
      random: Math.random,
      ...options,
    };
  }

  /**
   * @param mayPost is called before each post; once it returns false, members are reported as failed
   * @param observer is told when a member's turn begins, and how it ended
   */
  async post(
    frame: string,
    pages: AsyncIterable<Member[]> | Iterable<Member[]>,
    mayPost: () => boolean,
    observer: PostObserver = {},
  ): Promise<PostReport> {
    const data = new TextEncoder().encode(frame);
    const report: PostReport = { sent: 0, gone: [], failed: [], throttled: 0 };
    const window = new Window(this.#options.window);
    const deliver = async (member: Member, toCome: number): Promise<void> => {
      try {
        const outcome = await this.#deliver(data, { member, toCome }, mayPost, report);
        if (outcome === 'sent') report.sent += 1;
        else report[outcome].push(member);
        observer.settled?.(member, outcome);
        window.leave();
      } catch (error) {
        window.leave({ error });
      }
    };
    for await (const page of pages) {
      for (const [index, member] of page.entries()) {
        observer.started?.(member);
        if (window.isFull) await window.change();
        window.enter();
        void deliver(member, page.length - index);
      }
    }
    await window.emptied();
    return report;
  }

  async #deliver(
    data: Uint8Array,
    { member, toCome }: { member: Member; toCome: number },
    mayPost: () => boolean,
    report: PostReport,
  ): Promise<Outcome> {
    const { attempts, client, pacer, random, wait } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      // Checked again after the wait for its turn, since an offer may have ended meanwhile.
      if (!mayPost()) return 'failed';
      await pacer.take(attempt === 1 ? toCome : 1);
      if (!mayPost()) return 'failed';
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: member.connectionId, Data: data }));
        return 'sent';
      } catch (error) {
        if (error instanceof LimitExceededException) report.throttled += 1;
        const outcome = this.#outcomeOf(error);
        if (outcome !== 'retry') return outcome;
      }
      if (attempt === attempts) return 'failed';
      await wait(random() * FIRST_BACKOFF_MS * 2 ** attempt);
    }
  }

  #outcomeOf(error: unknown): Outcome | 'retry' {
    if (error instanceof GoneException) return 'gone';
    if (error instanceof LimitExceededException) this.#options.pacer.slowDown();
    // These refusals are final; 429, 5xx and a broken socket may pass.
    if (error instanceof ForbiddenException || error instanceof PayloadTooLargeException) return 'failed';
    return 'retry';
  }
}

/**
 * Counts the posts in flight, and wakes the one waiter when that changes. A promise chained for each post would cost
 * more than the window itself.
 */
class Window {
  readonly #size: number;
  #underWay = 0;
  #wake: (() => void) | undefined;
  #failure: { error: unknown } | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  get isFull(): boolean {
    return this.#underWay === this.#size;
  }

  /** @throws the unexpected error of another post, which fails the whole */
  enter(): void {
    this.#rethrow();
    this.#underWay += 1;
  }

  leave(failure?: { error: unknown }): void {
    this.#failure ??= failure;
    this.#underWay -= 1;
    this.#wake?.();
  }

  /** Waits until a post has left. */
  change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  async emptied(): Promise<void> {
    while (this.#underWay > 0) await this.change();
    this.#rethrow();
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
