/** What is wrong with a store, the worst first: a store that is on the line may refuse every price. */
import type { Store, StoreDelivery } from '../../../domain/protocol/http-api.ts';
import type { AuditBy } from '../../../domain/protocol/sales-answers.ts';
import type { DriftItem } from '../../../domain/protocol/trust-answers.ts';

export const NEEDS = ['refuses', 'offline', 'silent', 'drifts', 'charges', 'behind', 'none'] as const;
export type Need = (typeof NEEDS)[number];

/** In words for people, as a state of a store. */
export const NEED_WORDS: Record<Need, string> = {
  refuses: 'Refuses updates',
  offline: 'Offline',
  silent: 'Sends no receipts',
  drifts: 'Holds other prices',
  charges: 'Charged other prices',
  behind: 'Updates missing',
  none: 'In order',
};

/** No state is told by colour alone. */
export const NEED_SIGNS: Record<Need, string> = {
  refuses: '×',
  offline: '–',
  silent: '?',
  drifts: '≠',
  charges: '¤',
  behind: '…',
  none: '•',
};

/** A store that has an update answers within a second while somebody watches, and within a minute else. */
export const SILENT_AFTER_MS = 90_000;

/** Who did not take an update that is in force, and when that was published. */
export interface Untaken {
  updateId: string;
  publishedAt: string;
  stores: readonly StoreDelivery[];
}

export interface Refusal {
  updateId: string;
  reason: string | undefined;
  at: string | null;
}

/** What is known to be wrong, by store. */
export class StoreNeeds {
  readonly refusals = new Map<string, Refusal[]>();
  readonly #silent = new Set<string>();
  readonly #drifting: Set<string>;
  readonly #charging: Set<string>;

  constructor(
    untaken: readonly Untaken[],
    drift: readonly DriftItem[],
    audit: readonly AuditBy<'store'>[],
    now: number,
  ) {
    for (const { updateId, publishedAt, stores } of untaken) {
      const isLate = now - Date.parse(publishedAt) > SILENT_AFTER_MS;
      for (const { storeId, state, reason, at } of stores) {
        if (state === 'rejected')
          this.refusals.set(storeId, [...(this.refusals.get(storeId) ?? []), { updateId, reason, at }]);
        else if (state === 'pending' && isLate) this.#silent.add(storeId);
      }
    }
    this.#drifting = new Set(drift.filter(({ since }) => since !== null).map(({ storeId }) => storeId));
    this.#charging = new Set(audit.filter(({ over, under }) => over + under > 0).map(({ store }) => store));
  }

  /** The worst of it. */
  of({ storeId, connected, since, behind }: Store, now: number): Need {
    if (this.refusals.has(storeId)) return 'refuses';
    if (!connected) return 'offline';
    const isJustBack = since !== null && now - Date.parse(since) < SILENT_AFTER_MS;
    if (this.#silent.has(storeId) && !isJustBack) return 'silent';
    if (this.#drifting.has(storeId)) return 'drifts';
    if (this.#charging.has(storeId)) return 'charges';
    return behind > 0 ? 'behind' : 'none';
  }
}

/** Whether somebody must look after it: an update on its way is no trouble yet. */
export function isTrouble(need: Need): boolean {
  return need !== 'none' && need !== 'behind';
}

export interface StoreState {
  store: Store;
  need: Need;
  refusals: readonly Refusal[];
}

const NONE: readonly Refusal[] = [];

export function statesOf(stores: readonly Store[], needs: StoreNeeds, now: number): StoreState[] {
  return stores.map(store => ({
    store,
    need: needs.of(store, now),
    refusals: needs.refusals.get(store.storeId) ?? NONE,
  }));
}
