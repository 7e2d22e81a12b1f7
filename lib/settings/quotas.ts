/**
 * How the account's own quotas are divided, so that no part of the system can use up what another one needs: who calls
 * without a token shares no throttle with the broadcast, and tills that reconnect share no concurrency with it.
 */
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';

/** Of the account's requests a second and of its burst, what posts, stores and head office may have. Handshakes are the rest. */
const POSTS = { rate: 0.45, burst: 0.4 };
const SHARES = { line: { rate: 0.4, burst: 0.4 }, http: { rate: 0.1, burst: 0.1 } };

/** The pace of all broadcasts, from which the account's quota follows. */
export interface Pace {
  readonly postsPerSecond: number;
  readonly postBurst: number;
}

/** What the stage of the stores' line, or the one of the HTTP API, lets through. */
export function throttleOf(
  stage: keyof typeof SHARES,
  { postBurst, postsPerSecond }: Pace,
): ThrottleSettings {
  const { burst, rate } = SHARES[stage];
  return {
    rateLimit: Math.max(1, Math.round((postsPerSecond * rate) / POSTS.rate)),
    burstLimit: Math.max(1, Math.round((postBurst * burst) / POSTS.burst)),
  };
}

/** Of a busy store, a second. */
const SALES_PER_SECOND = 7 / 60;

/**
 * Milliseconds between the reports of a store while somebody watches: a second, where the line's throttle lets each sale of
 * each store through by itself; else so many that it lets all stores report in that time.
 */
export function watchedReportMsOf(stores: number, pace: Pace): number {
  const { rateLimit = 1 } = throttleOf('line', pace);
  return stores * SALES_PER_SECOND <= rateLimit ? 1_000 : 1_000 * Math.ceil(stores / rateLimit);
}

/** What Lambda leaves to the functions that reserve nothing, at least. */
const UNRESERVED = 100;
/** Broadcast, authorizer and `$connect`. */
const RESERVING = 3;
const FEWEST_RESERVED = 10;

/**
 * Concurrency of its own for each function that must not starve.
 *
 * @returns nothing where the account has no room for it: a new one has ten
 */
export function reservedConcurrency(lambdaConcurrency: number): { reservedConcurrentExecutions?: number } {
  const room = Math.floor((lambdaConcurrency - UNRESERVED) / RESERVING);
  const share = Math.min(Math.floor(lambdaConcurrency / 10), room);
  return share < FEWEST_RESERVED ? {} : { reservedConcurrentExecutions: share };
}
