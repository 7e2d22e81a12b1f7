/** What the HTTP API says of updates, and of what became of them. */
import * as v from 'valibot';
import { heldEntries, ListedAudience } from './staging-answers.ts';

const count = v.pipe(v.number(), v.safeInteger());
const text = v.string();
const textOrNull = v.nullable(text);

const summary = {
  updateId: text,
  kind: text,
  publishedAt: text,
  validFrom: textOrNull,
  validUntil: textOrNull,
  /** On the stores' clocks, in place of the UTC ones. */
  validFromLocal: v.exactOptional(text),
  validUntilLocal: v.exactOptional(text),
  /** Null is every store. */
  audience: v.nullable(ListedAudience),
  /** The same for all parts of a list of prices that takes more than one update. */
  priceList: v.exactOptional(text),
  ...heldEntries,
};
export const UpdateSummary = v.object(summary);
export type UpdateSummary = v.InferOutput<typeof UpdateSummary>;

export const PublishedUpdate = v.object({
  ...summary,
  /** Null while it is being appended. */
  positions: v.nullable(v.record(text, count)),
  /** By kind; `readContent` reads it. */
  data: v.record(text, v.unknown()),
});
export type PublishedUpdate = v.InferOutput<typeof PublishedUpdate>;

export const DELIVERY_STATES = ['applied', 'pending', 'offline', 'rejected', 'expired'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const StoreDelivery = v.object({
  storeId: text,
  state: v.picklist(DELIVERY_STATES),
  /** When it was answered; null while it is not. */
  at: textOrNull,
  reason: v.exactOptional(text),
});
export type StoreDelivery = v.InferOutput<typeof StoreDelivery>;

const deliveryCounts = {
  targeted: count,
  applied: count,
  pending: count,
  offline: count,
  rejected: count,
  expired: count,
};
export const Delivery = v.object({
  updateId: text,
  ...deliveryCounts,
  /** Milliseconds from publishing to the last store that has applied it; null while none has. */
  lastAppliedMs: v.nullable(v.number()),
  stores: v.array(StoreDelivery),
  cursor: v.exactOptional(text),
});
export type Delivery = v.InferOutput<typeof Delivery>;
export type DeliveryCounts = Pick<Delivery, keyof typeof deliveryCounts>;
