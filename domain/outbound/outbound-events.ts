/**
 * What the chain's other systems hear: the events of the outbound bus. All come at least once, and each says by its ids
 * what it is, so that a repetition can be told. Sizes and order are in docs/integrating.md.
 */
import * as v from 'valibot';
import { Name } from '../names.ts';
import { SaleSchema } from '../sales/sale-schema.ts';
import { Timestamp } from '../time.ts';
import { messageEntries } from '../updates/topics.ts';

/** Source of the events that storecast puts on the outbound bus. */
export const OUTBOUND_SOURCE = 'storecast';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const presence = () => v.object({ storeId: Name, at: Timestamp });

/** By detail-type. */
export const outboundDetails = {
  /** Sales that were stored, of any stores, gathered. Store, till and saleId are a sale's identity. */
  SalesRecorded: v.object({
    sales: v.array(v.looseObject({ storeId: Name, receivedAt: Timestamp, ...SaleSchema.entries })),
  }),
  /** No connected store is pending. Where more stores come back and apply it, it comes again, with higher counts. */
  UpdateDelivered: v.object({ updateId: Name, targeted: count, applied: count, rejected: count }),
  StoreConnected: presence(),
  StoreDisconnected: presence(),
  /** What a store has to say; `messageId` is the store's own, and tells a repetition. */
  StoreMessage: v.object({
    storeId: Name,
    messageId: Name,
    ...messageEntries,
    inReplyTo: v.optional(Name),
    receivedAt: Timestamp,
  }),
  /** Too many stores refuse a wave, or are silent: it goes no further by itself. */
  RolloutHalted: v.object({ rolloutId: Name, wave: count, reason: v.string(), at: Timestamp }),
  /** Its last wave is out, and is applied as it must be. */
  RolloutFinished: v.object({ rolloutId: Name, at: Timestamp }),
} as const;

export type OutboundType = keyof typeof outboundDetails;
export type OutboundDetail<T extends OutboundType> = v.InferOutput<(typeof outboundDetails)[T]>;

export const OUTBOUND_TYPES = Object.keys(outboundDetails) as OutboundType[];

/** An event of one type, as it is put. */
export type OutboundEvent = { [T in OutboundType]: { type: T; detail: OutboundDetail<T> } }[OutboundType];
