/**
 * What marketing publishes: the EventBridge events of the bus. The rule, the broadcast Lambda and the command line
 * all take names and shapes from here. An unknown property is refused rather than ignored: a misspelt `audience`
 * must not become a price for the whole chain.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';
import { isOver, Timestamp } from '../time.ts';
import { Audience } from './channels.ts';
import type { Update, UpdateKind } from './update.ts';

/** Source of the events that storecast's own tools put; any source but AWS's own is taken. */
export const EVENT_SOURCE = 'storecast';

const addressing = { updateId: v.optional(Name), audience: v.optional(Audience) };
const Skus = v.pipe(
  v.array(Name, 'must be a list of SKUs'),
  v.minLength(1, 'must name at least one SKU'),
  v.check(skus => new Set(skus).size === skus.length, 'names a SKU twice'),
);
const Discount = v.union(
  [
    v.strictObject({
      percent: v.pipe(
        v.number('must be a number'),
        v.gtValue(0, 'must be above 0'),
        v.maxValue(100, 'must be at most 100'),
      ),
    }),
    v.strictObject({ amount: v.pipe(Amount, v.minValue(1, 'must be above 0')), currency: Currency }),
  ],
  'must be {"percent": above 0, at most 100} or {"amount": minor units, "currency"}',
);
const Price = v.strictObject(
  { sku: Name, amount: Amount, currency: Currency },
  'must be {sku, amount, currency}',
);

const details = {
  PriceChanged: v.strictObject({
    ...addressing,
    prices: v.pipe(
      v.array(Price, 'must be a list'),
      v.minLength(1, 'must hold at least one price'),
      v.check(prices => new Set(prices.map(({ sku }) => sku)).size === prices.length, 'prices a SKU twice'),
    ),
    validFrom: v.optional(Timestamp),
  }),
  OfferPublished: v.pipe(
    v.strictObject({
      ...addressing,
      offerId: Name,
      title: v.pipe(
        v.string(),
        v.trim(),
        v.minLength(1, 'must not be empty'),
        v.maxLength(200, 'must have at most 200 characters'),
      ),
      skus: Skus,
      discount: Discount,
      validFrom: v.optional(Timestamp),
      validUntil: Timestamp,
    }),
    v.check(
      ({ validFrom, validUntil }) => validFrom === undefined || validFrom < validUntil,
      'validUntil must be later than validFrom',
    ),
  ),
  OfferWithdrawn: v.strictObject({ ...addressing, offerId: Name }),
} as const;

export type DetailType = keyof typeof details;
/** The detail of an event as a publisher writes it. */
export type Detail<T extends DetailType> = v.InferInput<(typeof details)[T]>;

const kinds: Record<DetailType, UpdateKind> = {
  PriceChanged: 'price.changed',
  OfferPublished: 'offer.published',
  OfferWithdrawn: 'offer.withdrawn',
};

/** The part of an EventBridge event that storecast reads. */
export interface PublishedEvent {
  id: string;
  'detail-type': string;
  detail: unknown;
  /** EventBridge names the replay that brings an event again out of an archive, under its old id. */
  'replay-name'?: string;
}

export type RefusalCode = 'UnknownDetailType' | 'InvalidEvent' | 'Expired' | 'Replayed';

/** An event that reaches no store, now or later; `message` is the reason for people. */
export class RefusedEventError extends Error {
  override readonly name: string = 'RefusedEventError';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** An event whose time is over. Where it is in the log already, its broadcast was cut off, and has to be finished. */
export class ExpiredEventError extends RefusedEventError {
  readonly update: Update;
  constructor(update: Update) {
    super('Expired', `validUntil ${update.validUntil} is already past`);
    this.update = update;
  }
}

/** An event out of an archive whose update nobody remembers: it would be stamped now, and an old price win over a newer one. */
export class ReplayedEventError extends RefusedEventError {
  constructor(replayName: string) {
    super(
      'Replayed',
      `replay ${replayName} brings an update that is not remembered; what is to hold now is published anew`,
    );
  }
}

/**
 * The update that an event asks for.
 *
 * @param now milliseconds since the epoch; becomes `publishedAt`
 * @throws RefusedEventError if its type is unknown or its detail is invalid; ExpiredEventError if its time is over
 */
export function parseEvent(event: PublishedEvent, now: number): Update {
  const type = event['detail-type'];
  if (!isDetailType(type)) {
    const known = Object.keys(details).join(', ');
    throw new RefusedEventError('UnknownDetailType', `unknown detail-type '${type}'; known are ${known}`);
  }
  const parsed = v.safeParse(details[type], event.detail, { abortPipeEarly: true });
  if (!parsed.success) throw new RefusedEventError('InvalidEvent', describeIssues(parsed.issues, 'detail'));

  const { updateId, audience, ...content } = parsed.output;
  const {
    validFrom = null,
    validUntil = null,
    ...data
  } = { validUntil: undefined, validFrom: undefined, ...content };
  const publishedAt = new Date(now).toISOString();
  const update = {
    id: updateId ?? event.id,
    kind: kinds[type],
    publishedAt,
    validFrom,
    validUntil,
    audience,
    data,
  };
  if (isOver(update, now)) throw new ExpiredEventError(update);
  return update;
}

function isDetailType(type: string): type is DetailType {
  return Object.hasOwn(details, type);
}
