/**
 * What marketing publishes: the EventBridge events of the bus. The rule, the broadcast Lambda and the command line
 * all take names and shapes from here. An unknown property is refused rather than ignored: a misspelt `audience`
 * must not become a price for the whole chain.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Name } from '../names.ts';
import { faultOf, strictOfferEntries } from '../retail/offer.ts';
import { priceKey, StrictRetailPrice } from '../retail/price.ts';
import {
  isInOrder,
  isOneForm,
  isOver,
  localTimesOf,
  OUT_OF_ORDER,
  TWO_FORMS,
  type Validity,
  validityEntries,
} from '../retail/validity.ts';
import { Timestamp } from '../time.ts';
import { Audience } from './channels.ts';
import { RolloutPlan } from './rollout-plan.ts';
import { hasTopic, messageEntries, noTopic, type Topics } from './topics.ts';
import type { Update, UpdateOf, UpdateValidity } from './update.ts';
import type { UpdateKind } from './update-content.ts';

/** Source of the events that storecast's own tools put; any source but AWS's own is taken. */
export const EVENT_SOURCE = 'storecast';

const addressing = {
  updateId: v.optional(Name),
  audience: v.optional(Audience),
  publishedAt: v.optional(Timestamp),
  /** Somebody waits for the receipts: stores send them at once. */
  receipts: v.optional(v.literal('now')),
};
/** What can be taken back can go out in waves. */
const staging = { rollout: v.optional(RolloutPlan) };
export const details = {
  PriceChanged: v.pipe(
    v.strictObject({
      ...addressing,
      ...staging,
      prices: v.pipe(
        v.array(StrictRetailPrice, 'must be a list'),
        v.minLength(1, 'must hold at least one price'),
        v.check(prices => new Set(prices.map(priceKey)).size === prices.length, 'prices a SKU twice'),
      ),
      ...validityEntries,
      /** The same for all parts of a list that takes more than one update. */
      priceList: v.optional(Name),
    }),
    v.check(detail => isOneForm(detail), TWO_FORMS),
    v.check(detail => isInOrder(detail), OUT_OF_ORDER),
  ),
  PriceWithdrawn: v.strictObject({
    ...addressing,
    updates: v.pipe(
      v.array(Name, 'must be a list'),
      v.minLength(1, 'must name at least one update'),
      v.maxLength(100, 'must not name more than 100'),
    ),
  }),
  OfferPublished: v.pipe(
    v.strictObject({ ...addressing, ...staging, ...strictOfferEntries, ...validityEntries }),
    v.check(
      offer => faultOf(offer) === undefined,
      ({ input }) => faultOf(input) ?? '',
    ),
  ),
  OfferWithdrawn: v.strictObject({ ...addressing, offerId: Name }),
  MessagePublished: v.pipe(
    v.strictObject({
      ...addressing,
      ...messageEntries,
      validUntil: validityEntries.validUntil,
      validUntilLocal: validityEntries.validUntilLocal,
    }),
    v.check(detail => isOneForm(detail), TWO_FORMS),
  ),
} as const;

type Addressing = v.InferOutput<v.ObjectSchema<typeof addressing, undefined>> & {
  rollout?: RolloutPlan | undefined;
};
export type DetailType = keyof typeof details;
/** The detail of an event as a publisher writes it. */
export type Detail<T extends DetailType> = v.InferInput<(typeof details)[T]>;

/** The part of an EventBridge event that storecast reads. */
export interface PublishedEvent {
  id: string;
  /** When it was put on the bus, to the second. @default now */
  time?: string;
  'detail-type': string;
  detail: unknown;
  /** EventBridge names the replay that brings an event again out of an archive, under its old id. */
  'replay-name'?: string;
}

export type RefusalCode =
  | 'UnknownDetailType'
  | 'InvalidEvent'
  | 'Expired'
  | 'Replayed'
  | 'Conflict'
  | 'Guarded';

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
    const { validUntil, validUntilLocal } = update;
    super('Expired', `validUntil ${validUntil ?? validUntilLocal} is already past`);
    this.update = update;
  }
}

/** An event out of an archive whose update nobody remembers: what was decided since is forgotten too. */
export class ReplayedEventError extends RefusedEventError {
  constructor(replayName: string) {
    super(
      'Replayed',
      `replay ${replayName} brings an update that is not remembered; what is to hold now is published anew`,
    );
  }
}

/** The same id with other content: the first stays, and whoever came second hears of it. */
export class ConflictingEventError extends RefusedEventError {
  constructor(updateId: string) {
    super('Conflict', `update ${updateId} was published with other content`);
  }
}

/** A publisher's clock may be ahead by so much. Further ahead, its prices would win over later ones for as long. */
const MOST_AHEAD_MS = 15 * 60_000;

/**
 * The update that an event asks for.
 *
 * @param now milliseconds since the epoch
 * @throws RefusedEventError if its type is unknown or its detail is invalid; ExpiredEventError if its time is over
 */
export function parseEvent(event: PublishedEvent, now: number): Update {
  const type = event['detail-type'];
  if (!isDetailType(type)) {
    const known = Object.keys(details).join(', ');
    throw new RefusedEventError('UnknownDetailType', `unknown detail-type '${type}'; known are ${known}`);
  }
  const stamp = new Date(publishingTime(event, now)).toISOString();
  const { id = event.id, publishedAt = stamp, ...content } = readers[type](event.detail);
  if (Date.parse(publishedAt) > now + MOST_AHEAD_MS)
    throw new RefusedEventError('InvalidEvent', `publishedAt: ${publishedAt} is more than 15 minutes ahead`);
  const update: Update = { id, publishedAt, ...content };
  if (isOver(update, now)) throw new ExpiredEventError(update);
  return update;
}

/** @throws RefusedEventError for a message of a topic that the chain doesn't have */
export function checkTopic({ data, kind }: Update, topics: Topics): void {
  if (kind === 'message.published' && !hasTopic(topics, data.topic))
    throw new RefusedEventError('InvalidEvent', noTopic(data.topic, topics));
}

/**
 * When an event was put on the bus, in milliseconds since the epoch: within its own second, whatever attempt handles it,
 * so that what was published in a later second wins. The first attempt mostly comes within that second, which then keeps
 * its order.
 */
export function publishingTime({ time = '' }: Pick<PublishedEvent, 'time'>, now: number): number {
  const second = Date.parse(time);
  return Number.isNaN(second) ? now : Math.max(second, Math.min(now, second + 999));
}

/** What a detail says; `id` and `publishedAt` only where it brings its own. */
type Content = {
  [K in UpdateKind]: Omit<UpdateOf<K>, 'id' | 'publishedAt'> & { id?: string; publishedAt?: string };
}[UpdateKind];

const readers: Record<DetailType, (detail: unknown) => Content> = {
  PriceChanged(detail) {
    const { prices, priceList, updateId, audience, publishedAt, receipts, rollout, ...validity } = read(
      'PriceChanged',
      detail,
    );
    const { common, data } = split({ updateId, audience, publishedAt, receipts, rollout, prices });
    const list = priceList === undefined ? {} : { priceList };
    return { ...common, kind: 'price.changed', ...validityOf(validity), ...list, data };
  },
  PriceWithdrawn(detail) {
    const { common, data } = split(read('PriceWithdrawn', detail));
    const updates = [...new Set(data.updates)].sort();
    const content = { updates, restored: [] };
    return { ...common, kind: 'price.withdrawn', validFrom: null, validUntil: null, data: content };
  },
  OfferPublished(detail) {
    const { validFrom, validUntil, validFromLocal, validUntilLocal, ...rest } = read(
      'OfferPublished',
      detail,
    );
    const { common, data } = split(rest);
    const validity = validityOf({ validFrom, validUntil, validFromLocal, validUntilLocal });
    return { ...common, kind: 'offer.published', ...validity, data };
  },
  OfferWithdrawn(detail) {
    const { common, data } = split(read('OfferWithdrawn', detail));
    return { ...common, kind: 'offer.withdrawn', validFrom: null, validUntil: null, data };
  },
  MessagePublished(detail) {
    const { validUntil, validUntilLocal, ...rest } = read('MessagePublished', detail);
    const { common, data } = split(rest);
    return { ...common, kind: 'message.published', ...validityOf({ validUntil, validUntilLocal }), data };
  },
};

/** Takes what every detail may have off what its kind says. */
function split<D extends Addressing>(detail: D) {
  const { audience, publishedAt, receipts, rollout, updateId, ...data } = detail;
  const common = {
    audience,
    ...(receipts === undefined ? {} : { receipts }),
    ...(updateId === undefined ? {} : { id: updateId }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(rollout === undefined ? {} : { rollout }),
  };
  return { common, data };
}

function validityOf(validity: Validity): UpdateValidity {
  const { validFrom = null, validUntil = null } = validity;
  return { validFrom, validUntil, ...localTimesOf(validity) };
}

function read<T extends DetailType>(type: T, detail: unknown): v.InferOutput<(typeof details)[T]> {
  const parsed = v.safeParse(details[type], detail, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  throw new RefusedEventError('InvalidEvent', describeIssues(parsed.issues, 'detail'));
}

function isDetailType(type: string): type is DetailType {
  return Object.hasOwn(details, type);
}
