/** Whom a publication reaches, counted before it is sent: by the rule by which the broadcast finds its stores. */
import { type Audience, reachedBy } from './channels.ts';

/** A store as the HTTP API lists it. */
export interface ListedStore {
  storeId: string;
  region: string | null;
  groups: readonly string[];
  connected: boolean;
}

export interface Reach {
  /** Stores of the audience that were on the line at least once. */
  stores: number;
  /** Those of them that are on the line now. */
  connected: number;
  /** Stores that the audience names and that were never on the line. */
  unknown: string[];
}

/** @param audience undefined is every store */
export function reachOf(audience: Partial<Audience> | undefined, stores: readonly ListedStore[]): Reach {
  const named = audience && { regions: [], groups: [], stores: [], ...audience };
  const isReached = reachedBy(named);
  const reached = stores.filter(({ storeId, region, groups }) =>
    isReached({ storeId, region: region ?? undefined, groups }),
  );
  const known = new Set(stores.map(({ storeId }) => storeId));
  return {
    stores: reached.length,
    connected: reached.filter(({ connected }) => connected).length,
    unknown: (named?.stores ?? []).filter(storeId => !known.has(storeId)),
  };
}
