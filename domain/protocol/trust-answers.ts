/** What the HTTP API tells of prices that can be trusted: what is in force in a store, and whose book is another one. */
import * as v from 'valibot';
import { PriceType } from '../retail/price.ts';
import { Unit } from '../retail/unit.ts';

const text = v.string();
const textOrNull = v.nullable(text);
const amount = v.pipe(v.number(), v.safeInteger());

/** A price in force in a store. */
export const StorePrice = v.object({
  sku: text,
  /** Minor units. */
  amount,
  currency: text,
  priceType: PriceType,
  /** Left out for pieces. */
  unit: v.exactOptional(Unit),
  /** What the article is called, where it was published with a name. */
  name: v.exactOptional(text),
  updateId: text,
  /** One that the store has it by. */
  channel: text,
  /** In force without a break since then, and until then; null as far as anybody has said. */
  since: text,
  until: textOrNull,
  /** The lowest that anybody paid in the 30 days before what anybody pays at that moment took effect; if none, what anybody pays. */
  lowest30Days: amount,
});
export type StorePrice = v.InferOutput<typeof StorePrice>;

export const DriftItem = v.object({
  storeId: text,
  /** The hash of the store's book, null if it told none, and that of the right one. */
  book: textOrNull,
  expected: text,
  /** Null while it is as it should be. */
  since: textOrNull,
});
export type DriftItem = v.InferOutput<typeof DriftItem>;
