/** "Throttle requests to your HTTP APIs": what a stage lets through on each of its routes, besides the account's throttle. */
import { TokenBucket } from '../token-bucket.ts';
import type { GatewayDependencies, Throttle } from './types.ts';

/** Takes a request of this route; false where the stage or the account has had too many. */
export type RouteThrottle = (routeKey: string) => boolean;

export function createRouteThrottle(
  throttle: Throttle | undefined,
  { clock, requests }: GatewayDependencies,
): RouteThrottle {
  if (throttle === undefined) return () => requests.take();
  const buckets = new Map<string, TokenBucket>();
  return routeKey => {
    const bucket = buckets.get(routeKey) ?? new TokenBucket(clock, throttle);
    buckets.set(routeKey, bucket);
    return bucket.take() && requests.take();
  };
}
