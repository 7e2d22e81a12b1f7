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
import { Pacer } from './pacer.ts';
import { RefusedLines } from './refused-lines.ts';
import type { TurnBucket } from './turn-bucket.ts';
import { Window } from './window.ts';

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

/** A post that is `late` was not tried: no turn was due in time. It is reported as failed. */
export type Outcome = 'sent' | 'gone' | 'failed' | 'late';

export interface PostSettings {
  /** No turn is waited for beyond this time, in milliseconds of the pacer's clock. @default no end */
  turnsUntil?: number;
  /** Is told when a member's turn begins, and how it ended. */
  started?: (member: Member) => void;
  settled?: (member: Member, outcome: Outcome) => void;
}

/** What the posts of one frame share. */
interface Round {
  data: Uint8Array;
  mayPost: () => boolean;
  turnsUntil: number | undefined;
  report: PostReport;
  window: Window;
}

export class Poster {
  readonly #options: Required<PosterOptions>;
  /** From one frame to the next: a till hangs for longer than one broadcast. */
  readonly #refused = new RefusedLines();

  constructor(options: PosterOptions) {
    this.#options = {
      attempts: 5,
      wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
      random: Math.random,
      ...options,
    };
  }

  /** @param mayPost is called before each post; once it returns false, members are reported as failed */
  async post(
    frame: string,
    pages: AsyncIterable<Member[]> | Iterable<Member[]>,
    mayPost: () => boolean,
    { settled, started, turnsUntil }: PostSettings = {},
  ): Promise<PostReport> {
    const report: PostReport = { sent: 0, gone: [], failed: [], throttled: 0 };
    const window = new Window(this.#options.window);
    const round: Round = { data: new TextEncoder().encode(frame), mayPost, turnsUntil, report, window };
    const deliver = async (member: Member, toCome: number): Promise<void> => {
      try {
        const outcome = await this.#deliver(member, toCome, round);
        if (outcome === 'sent') report.sent += 1;
        else report[outcome === 'gone' ? 'gone' : 'failed'].push(member);
        settled?.(member, outcome);
      } catch (error) {
        window.fail(error);
      } finally {
        window.leave();
      }
    };
    try {
      for await (const page of pages) {
        for (const [index, member] of page.entries()) {
          started?.(member);
          const place = window.enter();
          if (place !== undefined) await place;
          void deliver(member, page.length - index);
        }
      }
    } catch (error) {
      // Thrown once the posts under way have ended: none is left to run on behind the caller's back.
      window.fail(error);
    }
    await window.emptied();
    return report;
  }

  async #deliver(member: Member, toCome: number, round: Round): Promise<Outcome> {
    const { attempts, client, pacer, random, wait } = this.#options;
    const { data, mayPost, turnsUntil, window } = round;
    for (let attempt = 1; ; attempt += 1) {
      // Checked again after the wait for its turn, since an offer may have ended meanwhile.
      if (!mayPost()) return 'failed';
      const turn = pacer.take(attempt === 1 ? toCome : 1, turnsUntil);
      if (turn !== true && !(await turn)) return 'late';
      if (turn !== true && !mayPost()) return 'failed';
      const { slowdowns } = pacer;
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: member.connectionId, Data: data }));
        this.#refused.served(member.connectionId);
        return 'sent';
      } catch (error) {
        if (error instanceof LimitExceededException) {
          round.report.throttled += 1;
          if (!this.#refused.isOwnTrouble(member.connectionId)) pacer.refused(slowdowns);
        }
        const outcome = outcomeOf(error);
        if (outcome !== 'retry') return outcome;
      }
      if (attempt === attempts) return 'failed';
      await window.aside(() => wait(random() * FIRST_BACKOFF_MS * 2 ** attempt));
    }
  }
}

function outcomeOf(error: unknown): Outcome | 'retry' {
  if (error instanceof GoneException) return 'gone';
  // These refusals are final; 429, 5xx and a broken socket may pass.
  if (error instanceof ForbiddenException || error instanceof PayloadTooLargeException) return 'failed';
  return 'retry';
}
