/** For whom a publication is: chosen, never taken for granted. Ids that no store has count only where they are ticked. */
import type { Store } from '../../domain/protocol/http-api.ts';
import type { Audience } from '../../domain/updates/channels.ts';
import { DraftError, words } from './draft-fields.ts';

export interface AudienceDraft {
  /** Undefined until it is chosen. */
  whom: 'everyone' | 'some' | undefined;
  regions: readonly string[];
  groups: readonly string[];
  /** Ids, separated by commas or spaces. */
  stores: string;
  /** Ids of stores that were never seen, and are meant all the same. */
  ticked: readonly string[];
}

export const NOBODY_YET: AudienceDraft = { whom: undefined, regions: [], groups: [], stores: '', ticked: [] };

/** Ids that were written and that no store has. */
export function unknownIds({ whom, stores: written }: AudienceDraft, stores: readonly Store[]): string[] {
  if (whom !== 'some') return [];
  const known = new Set(stores.map(({ storeId }) => storeId));
  return [...new Set(words(written))].filter(id => !known.has(id));
}

/** Undefined is every store. @throws DraftError if it names nobody */
export function toAudience(draft: AudienceDraft, stores: readonly Store[]): Audience | undefined {
  if (draft.whom === 'everyone') return undefined;
  if (draft.whom === undefined)
    throw new DraftError([{ field: 'whom', message: 'Choose for whom: every store, or some of them.' }]);
  const leftOut = new Set(unknownIds(draft, stores).filter(id => !draft.ticked.includes(id)));
  const ids = [...new Set(words(draft.stores))].filter(id => !leftOut.has(id));
  const audience = { regions: [...draft.regions], groups: [...draft.groups], stores: ids };
  if (audience.regions.length + audience.groups.length + ids.length > 0) return audience;
  const message =
    leftOut.size > 0
      ? 'No store has this id; tick it if it is meant all the same.'
      : 'Choose a region, a group or a store.';
  throw new DraftError([{ field: 'stores', message }]);
}

/** While the form is filled in, it may still name nobody. */
export type DraftedAudience = Audience | undefined | 'nobody';

export function draftedAudience(draft: AudienceDraft, stores: readonly Store[]): DraftedAudience {
  try {
    return toAudience(draft, stores);
  } catch (error) {
    if (error instanceof DraftError) return 'nobody';
    throw error;
  }
}
