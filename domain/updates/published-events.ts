/**
 * What marketing publishes: the EventBridge events of the bus. The rule, the broadcast Lambda and the command line
 * all take names and shapes from here. An unknown property is refused rather than ignored: a misspelt `audience`
 * must not become a price for the whole chain.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Name } from '../names.ts';
import { plainOfferEntries } from '../retail/plain-fields.ts';
import { isOver, Timestamp } from '../time.ts';
import { Audience } from './channels.ts';
import { StrictDiscount, StrictPrice } from './content-fields.ts';
import type { Update, UpdateOf } from './update.ts';
import type { UpdateKind } from './update-content.ts';

/** Source of the events that storecast's own tools put; any source but AWS's own is taken. */
export const EVENT_SOURCE = 'storecast';

const addressing = { updateId: v.optional(Name), audience: v.optional(Audience) };
const details = {
  PriceChanged: v.strictObject({
    ...addressing,
    prices: v.pipe(
      v.array(StrictPrice, 'must be a list'),
      v.minLength(1, 'must hold at least one price'),
      v.check(prices => new Set(prices.map(({ sku }) => sku)).size === prices.length, 'prices a SKU twice'),
    ),
    validFrom: v.optional(Timestamp),
  }),
  OfferPublished: v.pipe(
    v.strictObject({
      ...addressing,
      ...plainOfferEntries,
      discount: StrictDiscount,
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
  const { id = event.id, audience, ...content } = readers[type](event.detail);
  const update: Update = { id, publishedAt: new Date(now).toISOString(), audience, ...content };
  if (isOver(update, now)) throw new ExpiredEventError(update);
  return update;
}

/** What a detail says; `id` only where the detail brings its own. */
type Content = { [K in UpdateKind]: Omit<UpdateOf<K>, 'id' | 'publishedAt'> & { id?: string } }[UpdateKind];

const readers: Record<DetailType, (detail: unknown) => Content> = {
  PriceChanged(detail) {
    const { updateId, audience, validFrom = null, ...data } = read('PriceChanged', detail);
    return { ...named(updateId), kind: 'price.changed', audience, validFrom, validUntil: null, data };
  },
  OfferPublished(detail) {
    const { updateId, audience, validFrom = null, validUntil, ...data } = read('OfferPublished', detail);
    return { ...named(updateId), kind: 'offer.published', audience, validFrom, validUntil, data };
  },
  OfferWithdrawn(detail) {
    const { updateId, audience, ...data } = read('OfferWithdrawn', detail);
    return { ...named(updateId), kind: 'offer.withdrawn', audience, validFrom: null, validUntil: null, data };
  },
};

function named(updateId: string | undefined): { id?: string } {
  return updateId === undefined ? {} : { id: updateId };
}

function read<T extends DetailType>(type: T, detail: unknown): v.InferOutput<(typeof details)[T]> {
  const parsed = v.safeParse(details[type], detail, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  throw new RefusedEventError('InvalidEvent', describeIssues(parsed.issues, 'detail'));
}

function isDetailType(type: string): type is DetailType {
  return Object.hasOwn(details, type);
}
