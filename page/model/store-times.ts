/** When a time on the stores' clocks comes by the clock of whoever looks. */
import * as v from 'valibot';
import type { Store, UpdateSummary } from '../../domain/protocol/http-api.ts';
import { instantOf, TimeZone } from '../../domain/retail/local-time.ts';
import { reachedBy } from '../../domain/updates/channels.ts';

type Edge = 'start' | 'end';

/** The first and the last moment at which it comes in one of these zones, in milliseconds; undefined without any. */
export function momentsOf(
  local: string,
  edge: Edge,
  zones: Iterable<string>,
): { first: number; last: number } | undefined {
  const moments = [...zones].map(zone => instantOf(local, zone, edge));
  if (moments.length === 0) return undefined;
  return { first: Math.min(...moments), last: Math.max(...moments) };
}

/** The zones of the stores that an update is for; those that this browser doesn't know are left out. */
export function zonesOf(
  stores: readonly Store[],
  { audience }: Pick<UpdateSummary, 'audience'>,
): Set<string> {
  const isReached = reachedBy(audience ?? undefined);
  const reached = stores.filter(store => isReached({ ...store, region: store.region ?? undefined }));
  return new Set(reached.map(({ timeZone = 'UTC' }) => timeZone).filter(zone => v.is(TimeZone, zone)));
}
