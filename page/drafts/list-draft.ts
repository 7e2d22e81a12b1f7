/** A list of prices that was pasted or dropped: read, judged row by row, and made into as few updates as it takes. */

import {
  type GivenAudience,
  type PriceEntry,
  PriceEntryError,
} from '../../domain/price-lists/price-entry.ts';
import { PriceListError, readPriceList } from '../../domain/price-lists/price-list.ts';
import { priceDetails, refuseRepeated } from '../../domain/price-lists/price-updates.ts';
import type { Store } from '../../domain/protocol/http-api.ts';
import type { Audience } from '../../domain/updates/channels.ts';
import { reachOf } from '../../domain/updates/reach.ts';
import { DraftError } from './draft-fields.ts';
import { checkedPublication, type PriceDraft, type Publication } from './publication.ts';
import { timesOf } from './times-draft.ts';

export interface RowProblem {
  /** Undefined where it is the whole list. */
  row: number | undefined;
  message: string;
}

export interface ListDraft {
  good: readonly PriceEntry[];
  problems: readonly RowProblem[];
  /** Every row says for whom it is. */
  namesAudiences: boolean;
}

const PLACE = /^row (\d+): /;

/** @param stores the names of stores, regions and groups that there are */
export function readListDraft(text: string, draft: PriceDraft, stores: readonly Store[]): ListDraft {
  try {
    const { currency, priceType } = draft;
    const { good, problems } = readPriceList(text, {
      currency,
      ...(priceType === 'regular' ? {} : { priceType }),
      ...{ audience: undefined, times: {}, headerIsOptional: true },
      place: row => `row ${row}`,
    });
    const all = [
      ...problems.map(({ error }) => problemOf(error)),
      ...good.flatMap(entry => strangersIn(entry, stores)),
      ...repeatedIn(good),
    ].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
    const bad = new Set(all.map(({ row }) => row));
    return {
      good: good.filter(({ place }) => !bad.has(Number(place.replace('row ', '')))),
      problems: all,
      namesAudiences: good.length > 0 && good.every(({ audience }) => audience !== undefined),
    };
  } catch (error) {
    if (!(error instanceof PriceListError)) throw error;
    return {
      ...{ good: [], namesAudiences: false },
      problems: [{ row: undefined, message: `The list ${error.message}.` }],
    };
  }
}

/** All of it, or nothing. @param audience of the rows that name none @throws DraftError */
export function listPublications(
  { good, problems }: ListDraft,
  audience: Audience | undefined,
  draft: PriceDraft,
  now: number,
): Publication[] {
  const refuse = (message: string) => new DraftError([{ field: 'list', message }]);
  if (problems.length > 0) throw refuse('Mend the rows that are named, or take them out.');
  if (good.length === 0) throw refuse('The list names no price.');
  const times = timesOf(draft);
  const details = priceDetails(
    good.map(entry => ({
      ...entry,
      audience: entry.audience ?? audience,
      times: Object.keys(entry.times).length === 0 ? times : entry.times,
    })),
  );
  const list = details.length > 1 ? { priceList: crypto.randomUUID() } : {};
  return details.map(detail => checkedPublication('PriceChanged', { ...detail, ...list }, now, () => 'list'));
}

/** A misspelt name would reach nobody, and say that it was published. */
function strangersIn({ audience, place }: PriceEntry, stores: readonly Store[]): RowProblem[] {
  const { regions = [], groups = [], stores: ids = [] } = audience ?? {};
  const parts: [string, GivenAudience][] = [
    ...regions.map((name): [string, GivenAudience] => [`is in region ${name}`, { regions: [name] }]),
    ...groups.map((name): [string, GivenAudience] => [`is in group ${name}`, { groups: [name] }]),
    ...ids.map((id): [string, GivenAudience] => [`has the id ${id}`, { stores: [id] }]),
  ];
  const strangers = parts.filter(([, part]) => reachOf(part, stores).stores === 0);
  return strangers.map(([words]) => problemOf(new PriceEntryError(`${place}: no store ${words}`)));
}

function repeatedIn(good: readonly PriceEntry[]): RowProblem[] {
  try {
    refuseRepeated(good);
    return [];
  } catch (error) {
    if (!(error instanceof PriceEntryError)) throw error;
    return [problemOf(error)];
  }
}

function problemOf({ message }: PriceEntryError): RowProblem {
  const row = PLACE.exec(message)?.[1];
  const plain = message.replace(PLACE, '').replace(' (or --currency)', '');
  return { row: row === undefined ? undefined : Number(row), message: plain };
}
