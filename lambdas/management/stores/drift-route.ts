/** Stores whose price book is another one than it should be. */
import type { Page } from '../../../domain/protocol/http-api.ts';
import type { DriftItem } from '../../../domain/protocol/trust-answers.ts';
import { expectedBook } from '../../books/expected-book.ts';
import type { Roster } from '../../registry/roster.ts';
import type { RosterStore } from '../../registry/store-items.ts';
import type { CurrentState } from '../../updates/current-state.ts';
import { CatchUp } from '../../updates/missed-updates.ts';
import type { UpdateLog } from '../../updates/update-log.ts';
import type { ApiRequest } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { pageOf } from '../paging.ts';

interface DriftSources {
  current: CurrentState;
  log: UpdateLog;
  roster: Roster;
}

/** `GET /drift?store`: those that are confirmed; of a named store, what its book should be now, right or not. */
export async function listDrift(
  { now, query }: ApiRequest,
  { current, log, roster }: DriftSources,
): Promise<Page<DriftItem>> {
  if (query.store !== undefined)
    return { items: [await driftOf(query.store, { current, log, roster }, now)] };
  const adrift = (await roster.list.adrift()).flatMap(store => confirmed(store) ?? []);
  return pageOf(adrift, ({ storeId }) => storeId, query);
}

function confirmed({ drift, storeId }: Pick<RosterStore, 'drift' | 'storeId'>): DriftItem | undefined {
  if (drift?.isConfirmed !== true) return undefined;
  const { book, expected, since } = drift;
  return { storeId, book, expected, since: new Date(since).toISOString() };
}

async function driftOf(
  storeId: string,
  { current, log, roster }: DriftSources,
  now: number,
): Promise<DriftItem> {
  const store = await roster.find(storeId);
  if (store === undefined) throw new HttpProblem(404, `store ${storeId} was never on the line`);
  const { hash } = await expectedBook(store, new CatchUp({ log, current }), now);
  const { since = null } = confirmed(store) ?? {};
  return { storeId, book: store.book ?? null, expected: hash, since };
}
