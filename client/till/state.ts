/** What is saved: where the store stands, what is in force, which receipts are due. */
import * as v from 'valibot';
import type { BookChanges, PriceBookSnapshot } from '../../domain/book/price-book.ts';
import { TimeZone } from '../../domain/retail/local-time.ts';
import { RetailOffer } from '../../domain/retail/offer.ts';
import { PriceType } from '../../domain/retail/price.ts';
import { UpdateFrame } from '../../domain/updates/update.ts';
import { UnreadableStateError } from '../storage/storage.ts';

const channels = v.array(v.string());
const published = {
  updateId: v.string(),
  publishedAt: v.string(),
  validFrom: v.nullable(v.string()),
  /** Prices of version 3 have no end. */
  validUntil: v.optional(v.nullable(v.string()), null),
  validFromLocal: v.exactOptional(v.string()),
  validUntilLocal: v.exactOptional(v.string()),
};
/** Of a book of 50,000 prices, each was checked when it came. */
const Price = v.object({
  sku: v.string(),
  amount: v.number(),
  currency: v.string(),
  priceType: v.optional(PriceType),
  unit: v.optional(v.string()),
  gtin: v.optional(v.string()),
  name: v.optional(v.string()),
  ...published,
  channels,
});
const Offer = v.object({ ...RetailOffer.entries, ...published });
const OfferEntry = v.object({
  offerId: v.string(),
  updateId: v.string(),
  publishedAt: v.string(),
  channels,
  offer: v.nullable(Offer),
  lastValidUntil: v.nullable(v.string()),
});
const WithdrawnUpdate = v.object({
  updateId: v.string(),
  withdrawnAt: v.string(),
  channels,
  skus: v.exactOptional(v.array(v.string())),
});
const Receipt = v.union([
  v.object({ id: v.string(), appliedAt: v.string() }),
  v.object({ id: v.string(), reason: v.string() }),
]);
const Instant = v.pipe(
  v.string(),
  v.check(text => !Number.isNaN(Date.parse(text)), 'must be a time'),
);

const head = {
  /** The store's; left out while neither its token nor the chain said. */
  timeZone: v.exactOptional(TimeZone),
  /** Whether the chain did. */
  timeZoneTold: v.exactOptional(v.boolean()),
  /** The chain's time when this was saved; null where it was never known. */
  chainTime: v.nullable(Instant),
  positions: v.object({
    named: v.boolean(),
    channels: v.record(v.string(), v.array(v.pipe(v.number(), v.safeInteger()))),
  }),
};
const PaidAmount = v.tuple([v.number(), v.number(), v.string()]);

const SavedState = v.object({
  /** 3 had no retail fields and no time zone. */
  version: v.picklist([3, 4]),
  /** What the changes after it call it; states of before had none. */
  name: v.exactOptional(v.string()),
  ...head,
  book: v.object({
    prices: v.array(Price),
    offers: v.array(OfferEntry),
    withdrawn: v.optional(v.array(WithdrawnUpdate)),
    paid: v.optional(v.record(v.string(), v.array(PaidAmount))),
  }) satisfies v.GenericSchema<unknown, PriceBookSnapshot>,
  receipts: v.array(Receipt),
  /** Updates that the application could not take yet: they count as seen, and are tried again. */
  unapplied: v.array(UpdateFrame),
});

/** By key; nothing where it is gone. */
const changed = <T extends v.GenericSchema>(entry: T) => v.array(v.tuple([v.string(), v.array(entry)]));

const SavedChange = v.object({
  /** The state's name, and as its how many-eth change. */
  follows: v.tuple([v.string(), v.number()]),
  ...head,
  book: v.object({
    prices: changed(Price),
    offers: changed(OfferEntry),
    withdrawn: changed(WithdrawnUpdate),
    paid: changed(PaidAmount),
  }) satisfies v.GenericSchema<unknown, BookChanges>,
  receipts: changed(Receipt),
  unapplied: changed(UpdateFrame),
});

type SavedState = v.InferOutput<typeof SavedState>;
type SavedChange = v.InferOutput<typeof SavedChange>;

export type ClientState = Omit<SavedState, 'version' | 'name'>;
/** What is small, and saved with every change. */
export type StateHead = Omit<ClientState, 'book' | 'receipts' | 'unapplied'>;
export type StateParts = Omit<ClientState, keyof StateHead>;
export type StateChanges = Omit<SavedChange, keyof StateHead | 'follows'>;

/** @throws UnreadableStateError if it is not a state that this library wrote */
export function readState(value: unknown): SavedState {
  return read(SavedState, value);
}

/** @throws UnreadableStateError if it is not a change that this library wrote */
export function readChange(value: unknown): SavedChange {
  return read(SavedChange, value);
}

function read<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const place = v.getDotPath(parsed.issues[0]) ?? 'it';
  throw new UnreadableStateError(`the saved state is not readable: ${place}: ${parsed.issues[0].message}`);
}
