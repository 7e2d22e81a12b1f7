/** The one text that is saved: where the store stands, what is in force, which receipts are due. */
import * as v from 'valibot';
import type { PriceBookSnapshot } from './price-book.ts';

const Price = v.object({
  sku: v.string(),
  amount: v.number(),
  currency: v.string(),
  updateId: v.string(),
  publishedAt: v.string(),
  validFrom: v.nullable(v.string()),
});
const Discount = v.union([
  v.object({ percent: v.number() }),
  v.object({ amount: v.number(), currency: v.string() }),
]);
const Offer = v.object({
  offerId: v.string(),
  title: v.string(),
  skus: v.array(v.string()),
  discount: Discount,
  updateId: v.string(),
  publishedAt: v.string(),
  validFrom: v.nullable(v.string()),
  validUntil: v.string(),
});
const OfferEntry = v.object({
  offerId: v.string(),
  updateId: v.string(),
  publishedAt: v.string(),
  offer: v.nullable(Offer),
  lastValidUntil: v.nullable(v.string()),
});
const Receipt = v.union([
  v.object({ id: v.string(), appliedAt: v.string() }),
  v.object({ id: v.string(), reason: v.string() }),
]);

const ClientState = v.object({
  version: v.literal(2),
  /** The current state was being taken, page by page: half of it is worth nothing. */
  recovering: v.boolean(),
  positions: v.object({
    named: v.boolean(),
    // Negative between two pages of the current state.
    channels: v.record(v.string(), v.array(v.pipe(v.number(), v.safeInteger()))),
  }),
  book: v.object({ prices: v.array(Price), offers: v.array(OfferEntry) }) satisfies v.GenericSchema<
    unknown,
    PriceBookSnapshot
  >,
  receipts: v.array(Receipt),
});
export type ClientState = v.InferOutput<typeof ClientState>;

/** A saved state that is torn, or that another program or version wrote. */
export class UnreadableStateError extends Error {
  override readonly name = 'UnreadableStateError';
}

/** @throws UnreadableStateError if it is not a state that `encodeState` wrote */
export function decodeState(text: string): ClientState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UnreadableStateError('the saved state is not JSON', { cause: error });
  }
  const parsed = v.safeParse(ClientState, value);
  if (parsed.success) return parsed.output;
  const place = v.getDotPath(parsed.issues[0]) ?? 'it';
  throw new UnreadableStateError(`the saved state is not readable: ${place}: ${parsed.issues[0].message}`);
}

export function encodeState(state: Omit<ClientState, 'version'>): string {
  return JSON.stringify({ version: 2, ...state } satisfies ClientState);
}
