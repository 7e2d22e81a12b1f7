/** Turns the forms into events that the bus takes, and checks them by the chain's own rules before they are sent. */
import type { PriceType } from '../../domain/retail/price.ts';
import type { Audience } from '../../domain/updates/channels.ts';
import { type DetailType, parseEvent, RefusedEventError } from '../../domain/updates/published-events.ts';
import { checkSize, UpdateTooLargeError } from '../../domain/updates/update.ts';
import { DraftError, minorUnits, time, words } from './draft-fields.ts';
import { type OfferDraft, termsOf } from './offer-draft.ts';

export interface Publication {
  type: DetailType;
  detail: Record<string, unknown>;
}

export interface AudienceDraft {
  everyone: boolean;
  regions: readonly string[];
  groups: readonly string[];
  /** Ids, separated by commas or spaces. */
  stores: string;
}

export interface PriceDraft {
  prices: readonly { sku: string; amount: string }[];
  currency: string;
  priceType: PriceType;
  /** As an input of type `datetime-local` gives it; empty is at once. */
  validFrom: string;
  /** Empty is without end. */
  validUntil: string;
  /** The times are on each store's own clock, not on this device's. */
  isLocal: boolean;
}

/** undefined is every store. @throws DraftError if it names nobody */
export function toAudience({ everyone, regions, groups, stores }: AudienceDraft): Audience | undefined {
  if (everyone) return undefined;
  const audience = { regions: [...regions], groups: [...groups], stores: words(stores) };
  if (audience.regions.length + audience.groups.length + audience.stores.length > 0) return audience;
  throw new DraftError('Choose a region, a group or a store, or publish to every store.');
}

/** While the form is filled in, it may still name nobody. */
export type DraftedAudience = Audience | undefined | 'nobody';

export function draftedAudience(draft: AudienceDraft): DraftedAudience {
  try {
    return toAudience(draft);
  } catch (error) {
    if (error instanceof DraftError) return 'nobody';
    throw error;
  }
}

/** @throws DraftError */
export function pricePublication(
  draft: PriceDraft,
  audience: Audience | undefined,
  now: number,
): Publication {
  const filled = draft.prices.filter(({ sku, amount }) => sku.trim() !== '' || amount.trim() !== '');
  if (filled.length === 0) throw new DraftError('Enter a SKU and its new price.');
  const prices = filled.map(({ sku, amount }) => ({
    sku: sku.trim(),
    amount: minorUnits(amount, draft.currency),
    currency: draft.currency,
    ...(draft.priceType === 'regular' ? {} : { priceType: draft.priceType }),
  }));
  const { validFrom, validUntil, isLocal } = draft;
  const times = { ...time('validFrom', validFrom, isLocal), ...time('validUntil', validUntil, isLocal) };
  return checked('PriceChanged', { prices, ...times, ...named(audience) }, now);
}

/** @throws DraftError */
export function offerPublication(
  draft: OfferDraft,
  audience: Audience | undefined,
  now: number,
): Publication {
  const { validFrom, validUntil, isLocal } = draft;
  if (validUntil === '') throw new DraftError('Say until when the offer is valid.');
  const detail = {
    ...termsOf(draft),
    ...time('validFrom', validFrom, isLocal),
    ...time('validUntil', validUntil, isLocal),
    ...named(audience),
  };
  return checked('OfferPublished', detail, now);
}

/** Takes an offer back, at the stores that it was published to. */
export function withdrawal(offerId: string, audience: Audience | null): Publication {
  return { type: 'OfferWithdrawn', detail: { offerId, ...named(audience ?? undefined) } };
}

/** The broadcast's own check, with its reasons in the words of the form. */
function checked(type: DetailType, detail: Record<string, unknown>, now: number): Publication {
  try {
    checkSize(parseEvent({ id: 'draft', 'detail-type': type, detail }, now));
    return { type, detail };
  } catch (error) {
    if (error instanceof UpdateTooLargeError)
      throw new DraftError('This is too much for one update.', { cause: error });
    if (error instanceof RefusedEventError) throw new DraftError(worded(error.message), { cause: error });
    throw error;
  }
}

const FIELDS: readonly [RegExp, string][] = [
  [/^prices\.\d+\.sku:? /, 'The SKU '],
  [/^prices:? /, 'The list of prices '],
  [/^skus(\.\d+)?:? /, 'The list of SKUs '],
  [/^offerId:? /, 'The offer’s id '],
  [/^title:? /, 'The title '],
  [/^discount(\.\w+)?:? /, 'The discount '],
  [/^(buy|bundle)(\.\w+)?:? /, 'The number of pieces '],
  [/^minimum(\.\w+)?:? /, 'The least amount '],
  [/^hours\.\d+(\.\w+)*:? /, 'The time of day '],
  [/^coupon:? /, 'The coupon '],
  [/^priority:? /, 'The priority '],
  [/^audience\.stores(\.\d+)?:? /, 'The list of stores '],
  [/^validFrom(Local)?:? /, 'The start '],
  [/^validUntil .* is already past$/, 'The end is already past'],
  [/^validUntil must be later than validFrom$/, 'The end must be later than the start'],
  [/^validUntil(Local)?:? /, 'The end '],
];

function worded(reason: string): string {
  const sentences = reason.split('; ').map(part => {
    const plain = part.replace(/^detail[.:]? ?/, '');
    const [pattern, words] = FIELDS.find(([field]) => field.test(plain)) ?? [/^/, ''];
    return `${plain.replace(pattern, words)}.`;
  });
  return [...new Set(sentences)].join(' ');
}

function named(audience: Audience | undefined): { audience?: Audience } {
  return audience === undefined ? {} : { audience };
}
