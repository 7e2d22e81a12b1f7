/** What is said of what was just published, once the stores have it. */

import type { Published } from '../../drafts/publish-outcome.ts';
import type { UpdateEntry } from '../../model/model.ts';

export function saidNow({ answers, arrived, words }: Published, updates: readonly UpdateEntry[]): string {
  if (arrived === undefined) return words;
  const deliveries = answers.map(
    ({ updateId }) => updates.find(({ update }) => update.updateId === updateId)?.delivery,
  );
  const isEverywhere = deliveries.every(
    delivery => delivery !== undefined && delivery.targeted > 0 && delivery.applied === delivery.targeted,
  );
  return isEverywhere ? arrived : words;
}
