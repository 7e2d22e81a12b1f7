/** Says whom a publication reaches: a typing error in a region's name would else publish to nobody, and say "published". */

import type { GivenAudience } from '../../domain/price-lists/price-entry.ts';
import { operations, type Store, type UpdateSummary } from '../../domain/protocol/http-api.ts';
import { isOver } from '../../domain/retail/validity.ts';
import type { Audience } from '../../domain/updates/channels.ts';
import { reachOf } from '../../domain/updates/reach.ts';
import { readContent } from '../../domain/updates/update-content.ts';
import type { ApiClient } from '../api-client.ts';

const CONTENTS_AT_ONCE = 8;

/** An audience in words. */
export function audienceWords(audience: GivenAudience): string {
  const { regions = [], groups = [], stores = [] } = audience ?? {};
  const parts = [...wordsOf('region', regions), ...wordsOf('group', groups), ...wordsOf('store', stores)];
  return parts.length === 0 ? 'every store' : parts.join(', ');
}

function wordsOf(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}${names.length === 1 ? '' : 's'} ${names.join(' ')}`];
}

/** Lines for people; with several audiences each line names its own. @throws CommandError where the chain doesn't say */
export async function reachNotes(api: ApiClient, audiences: readonly GivenAudience[]): Promise<string[]> {
  const stores = await api.list(operations.listStores);
  return audiences.flatMap(audience => {
    const notes = notesOf(audience, stores);
    return audiences.length === 1 ? notes : notes.map(line => `${audienceWords(audience)}: ${line}`);
  });
}

function notesOf(audience: GivenAudience, stores: readonly Store[]): string[] {
  const { stores: reached, connected, unknown } = reachOf(audience, stores);
  const all = reached + unknown.length;
  const known =
    all === 0
      ? 'reaches no store'
      : `reaches ${all} ${all === 1 ? 'store' : 'stores'}, ${connected} of them on the line now`;
  const warnings = namesOfNobody(audience, stores).map(name => `warning: no store is known of ${name}`);
  return reached === 0 ? [`warning: it ${known}`, ...warnings] : [known, ...warnings];
}

/** The parts of an audience that reach no store by themselves. */
function namesOfNobody(audience: GivenAudience, stores: readonly Store[]): string[] {
  const { regions = [], groups = [], stores: ids = [] } = audience ?? {};
  const parts: [string, Partial<Audience>][] = [
    ...regions.map((name): [string, Partial<Audience>] => [`region ${name}`, { regions: [name] }]),
    ...groups.map((name): [string, Partial<Audience>] => [`group ${name}`, { groups: [name] }]),
    ...ids.map((id): [string, Partial<Audience>] => [`id ${id}`, { stores: [id] }]),
  ];
  return parts.flatMap(([name, part]) => (reachOf(part, stores).stores === 0 ? [name] : []));
}

/** A line for people where nothing is there to be withdrawn; undefined where an offer of this id is running. */
export async function withdrawalNote(
  api: ApiClient,
  offerId: string,
  now: number,
): Promise<string | undefined> {
  let cursor: string | undefined;
  do {
    const page = await api.call(operations.listUpdates, { query: { limit: 1_000, cursor } });
    const offers = page.items.filter(
      ({ kind, ...times }) => kind === 'offer.published' && !isOver(times, now),
    );
    if (await isAmong(api, offers, offerId)) return undefined;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return `warning: no running offer ${offerId} is among what was published; is its id written so?`;
}

async function isAmong(api: ApiClient, offers: readonly UpdateSummary[], offerId: string): Promise<boolean> {
  for (let at = 0; at < offers.length; at += CONTENTS_AT_ONCE) {
    const contents = await Promise.all(
      offers.slice(at, at + CONTENTS_AT_ONCE).map(async ({ updateId }) => {
        const { data, kind } = await api.call(operations.getUpdate, { parameters: { id: updateId } });
        return readContent(kind, data);
      }),
    );
    if (contents.some(found => found?.kind === 'offer.published' && found.data.offerId === offerId))
      return true;
  }
  return false;
}
