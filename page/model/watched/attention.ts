/** What somebody must look after, in as few lines as tell it. */
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { AuditBy } from '../../../domain/protocol/sales-answers.ts';
import type { StoreFilter } from './store-list.ts';
import type { Need, StoreState } from './store-needs.ts';

export interface AttentionLine {
  need: Need;
  /** Of whom or of what: a region, or the update that is refused. */
  subject: string | undefined;
  stores: readonly Store[];
  /** Why, in the words of the stores' software. */
  reason: string | undefined;
  /** ISO 8601: the earliest of them. */
  since: string | undefined;
  /** Lines of sales that were charged otherwise. */
  charged: number | undefined;
  /** What the list of stores shows of it. */
  filter: StoreFilter;
}

/** @param titleOf an update in a line */
export function attentionLines(
  states: readonly StoreState[],
  audit: readonly AuditBy<'store'>[],
  titleOf: (updateId: string) => string,
): AttentionLine[] {
  const inNeed = (need: Need) => states.filter(state => state.need === need).map(({ store }) => store);
  const line = (need: Need, stores: readonly Store[], more: Partial<AttentionLine> = {}): AttentionLine[] =>
    stores.length === 0 ? [] : [{ ...blank(need), stores, ...more }];
  const charging = new Set(inNeed('charges').map(({ storeId }) => storeId));
  const charged = audit
    .filter(({ store }) => charging.has(store))
    .reduce((sum, { over, under }) => sum + over + under, 0);
  return oneOfEachFirst([
    refusalLines(states, titleOf),
    offlineLines(states),
    line('silent', inNeed('silent')),
    line('drifts', inNeed('drifts')),
    line('charges', inNeed('charges'), { charged }),
  ]);
}

/** A region after the other that is offline must not hide that prices are refused, or charged otherwise. */
function oneOfEachFirst(kinds: readonly AttentionLine[][]): AttentionLine[] {
  return [...kinds.flatMap(lines => lines.slice(0, 1)), ...kinds.flatMap(lines => lines.slice(1))];
}

function blank(need: Need): AttentionLine {
  const filter: StoreFilter = { which: need, search: '' };
  return {
    need,
    subject: undefined,
    stores: [],
    reason: undefined,
    since: undefined,
    charged: undefined,
    filter,
  };
}

/** A line for each update and reason: one cause, one line. */
function refusalLines(states: readonly StoreState[], titleOf: (updateId: string) => string): AttentionLine[] {
  const lines = new Map<string, AttentionLine & { stores: Store[] }>();
  for (const { store, refusals } of states) {
    for (const { updateId, reason, at } of refusals) {
      const key = `${updateId} ${reason}`;
      const subject = titleOf(updateId);
      const line = lines.get(key) ?? { ...blank('refuses'), subject, reason, stores: [] };
      line.stores.push(store);
      line.since = earlier(line.since, at ?? undefined);
      lines.set(key, line);
    }
  }
  return [...lines.values()];
}

function offlineLines(states: readonly StoreState[]): AttentionLine[] {
  const off = Map.groupBy(
    states.filter(({ store }) => !store.connected),
    ({ store }) => store.region ?? '',
  );
  const mostFirst = [...off].sort(([, a], [, b]) => b.length - a.length);
  return mostFirst.map(([region, found]) => ({
    ...blank('offline'),
    subject: region,
    stores: found.map(({ store }) => store),
    since: found.reduce<string | undefined>(
      (since, { store }) => earlier(since, store.since ?? store.lastSeenAt),
      undefined,
    ),
    filter: { which: 'offline', search: region },
  }));
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
