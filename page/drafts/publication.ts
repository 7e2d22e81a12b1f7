/** Turns the forms into events that the bus takes, and checks them by the chain's own rules before they are sent. */
import type { Store } from '../../domain/protocol/http-api.ts';
import type { PriceType } from '../../domain/retail/price.ts';
import { type Audience, reachedBy } from '../../domain/updates/channels.ts';
import { type DetailType, parseEvent, RefusedEventError } from '../../domain/updates/published-events.ts';
import { checkSize, UpdateTooLargeError } from '../../domain/updates/update.ts';
import { DraftError, minorUnits, type Problem, readBoth, readEach } from './draft-fields.ts';
import { type OfferDraft, termsOf } from './offer-draft.ts';
import { type TimesDraft, timesOf } from './times-draft.ts';

export interface Publication {
  type: DetailType;
  detail: Record<string, unknown>;
}

export interface PriceDraft extends TimesDraft {
  prices: readonly { sku: string; amount: string }[];
  currency: string;
  priceType: PriceType;
}

/** @throws DraftError */
export function pricePublication(
  draft: PriceDraft,
  audience: Audience | undefined,
  now: number,
): Publication {
  const lines = draft.prices.map((line, index) => ({ ...line, index }));
  const filled = lines.filter(({ sku, amount }) => sku.trim() !== '' || amount.trim() !== '');
  if (filled.length === 0)
    throw new DraftError([{ field: 'prices.0.sku', message: 'Enter a SKU and its new price.' }]);
  const readPrice = ({ sku, amount, index }: (typeof filled)[number]) => ({
    sku: sku.trim(),
    amount: minorUnits(amount, draft.currency, `prices.${index}.amount`),
    currency: draft.currency,
    ...(draft.priceType === 'regular' ? {} : { priceType: draft.priceType }),
  });
  const [prices, times] = readBoth(
    () => readEach(filled, readPrice),
    () => timesOf(draft),
  );
  const detail = { prices, ...times, ...named(audience) };
  return checkedPublication('PriceChanged', detail, now, field =>
    field.replace(/^prices\.(\d+)/, (_, at) => `prices.${filled[Number(at)]?.index}`),
  );
}

/** @throws DraftError */
export function offerPublication(
  draft: OfferDraft,
  audience: Audience | undefined,
  now: number,
): Publication {
  if (draft.validUntil === '')
    throw new DraftError([{ field: 'validUntil', message: 'Say until when the offer is valid.' }]);
  const [terms, times] = readBoth(
    () => termsOf(draft),
    () => timesOf(draft),
  );
  return checkedPublication('OfferPublished', { ...terms, ...times, ...named(audience) }, now);
}

/** Takes an offer back, at the stores that it was published to. */
export function withdrawal(offerId: string, audience: Audience | null): Publication {
  return { type: 'OfferWithdrawn', detail: { offerId, ...named(audience ?? undefined) } };
}

/**
 * The broadcast's own check, with its reasons in the words of the form.
 *
 * @param fieldOf the form's name of a field of the event
 * @throws DraftError
 */
export function checkedPublication(
  type: DetailType,
  detail: Record<string, unknown>,
  now: number,
  fieldOf = (field: string) => field,
): Publication {
  try {
    checkSize(parseEvent({ id: 'draft', 'detail-type': type, detail }, now));
    return { type, detail };
  } catch (error) {
    if (error instanceof UpdateTooLargeError)
      throw new DraftError([{ field: undefined, message: 'This is too much for one update.' }], {
        cause: error,
      });
    if (error instanceof RefusedEventError)
      throw new DraftError(problemsOf(error.message, fieldOf), { cause: error });
    throw error;
  }
}

/** How a reason begins, what the form calls that, and the field that it stands at. */
const FIELDS: readonly [RegExp, string, (match: RegExpExecArray) => string | undefined][] = [
  [/^(prices\.\d+)\.sku:? /, 'The SKU ', ([, line]) => `${line}.sku`],
  [/^(prices\.\d+)\.amount:? /, 'The price ', ([, line]) => `${line}.amount`],
  [/^prices:? /, 'The list of prices ', () => 'prices.0.sku'],
  [/^skus(\.\d+)?:? /, 'The list of SKUs ', () => 'skus'],
  [/^offerId:? /, 'The offer’s id ', () => 'offerId'],
  [/^title:? /, 'The title ', () => 'title'],
  [/^discount(\.\w+)?:? /, 'The discount ', () => 'discount'],
  [/^(buy|bundle)(\.\w+)?:? /, 'The number of pieces ', () => 'quantity'],
  [/^minimum(\.\w+)?:? /, 'The least amount ', () => 'minimum'],
  [/^hours\.\d+(\.\w+)*:? /, 'The time of day ', () => 'hoursFrom'],
  [/^coupon:? /, 'The coupon ', () => 'coupon'],
  [/^priority:? /, 'The priority ', () => 'priority'],
  [/^audience\.stores(\.\d+)?:? /, 'The list of stores ', () => 'stores'],
  [/^validFrom(Local)?:? /, 'The start ', () => 'validFrom'],
  [/^validUntil .* is already past$/, 'The end is already past', () => 'validUntil'],
  [/^validUntil must be later than validFrom$/, 'The end must be later than the start', () => 'validUntil'],
  [/^validUntil(Local)?:? /, 'The end ', () => 'validUntil'],
];

function problemsOf(reason: string, fieldOf: (field: string) => string): Problem[] {
  const problems = reason.split('; ').map((part): Problem => {
    const plain = part.replace(/^detail[.:]? ?/, '');
    for (const [pattern, words, placeOf] of FIELDS) {
      const match = pattern.exec(plain);
      if (match === null) continue;
      const place = placeOf(match);
      return {
        field: place === undefined ? undefined : fieldOf(place),
        message: `${plain.replace(pattern, words)}.`,
      };
    }
    return { field: undefined, message: `${plain}.` };
  });
  return problems.filter(
    ({ message }, index) => problems.findIndex(other => other.message === message) === index,
  );
}

/** Most are for one audience; a list may have several. */
export function audiencesOf(publications: readonly Publication[]): (Audience | undefined)[] {
  const audiences = publications.map(({ detail }) => detail.audience as Audience | undefined);
  return [...new Map(audiences.map(audience => [JSON.stringify(audience), audience])).values()];
}

/** How many stores they reach together; those that were never seen count where they are named. */
export function reachOfAll(publications: readonly Publication[], stores: readonly Store[]): number {
  const reached = new Set<string>();
  for (const { detail } of publications) {
    const audience = detail.audience as Audience | undefined;
    const isReached = reachedBy(audience);
    for (const store of stores)
      if (isReached({ ...store, region: store.region ?? undefined })) reached.add(store.storeId);
    for (const storeId of audience?.stores ?? []) reached.add(storeId);
  }
  return reached.size;
}

function named(audience: Audience | undefined): { audience?: Audience } {
  return audience === undefined ? {} : { audience };
}
