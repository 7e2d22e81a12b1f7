/** What the HTTP API tells of sales: totals by each grouping, and how lines compare with listed prices. */
import * as v from 'valibot';
import type { Grouping } from '../sales/sales-sums.ts';

const count = v.pipe(v.number(), v.safeInteger());
const text = v.string();
const textOrNull = v.nullable(text);

const sum = {
  /** Sales; by SKU, what was sold of it. */
  count: v.number(),
  /** Minor units. Past 2^53, here and in `count`, all digits are in the JSON, and the nearest double is read. */
  amount: v.pipe(v.number(), v.integer()),
  currency: text,
};
export const totalsBy = {
  store: v.object({ store: text, ...sum }),
  /** Null for the stores of no region. */
  region: v.object({ region: textOrNull, ...sum }),
  /** `unit` is what its count counts, a UN/ECE Rec 20 code. */
  sku: v.object({ sku: text, unit: text, ...sum }),
  minute: v.object({ minute: text, ...sum }),
} satisfies Record<Grouping, unknown>;
export type TotalBy<G extends Grouping> = v.InferOutput<(typeof totalsBy)[G]>;
export type AnyTotal = TotalBy<Grouping>;
export const AnyTotal = v.union(Object.values(totalsBy));

/** Lines of sales against the prices that the stores' books listed, and by how many minor units in all they differ. */
const compared = {
  exact: count,
  over: count,
  under: count,
  /** Of stores, or of sales, that say nothing of listed prices. */
  unlisted: count,
  overAmount: v.pipe(v.number(), v.integer()),
  underAmount: v.pipe(v.number(), v.integer()),
  currency: text,
};
export const auditBy = {
  store: v.object({ store: text, ...compared }),
  sku: v.object({ sku: text, ...compared }),
};
export type AuditGrouping = keyof typeof auditBy;
export type AuditBy<G extends AuditGrouping> = v.InferOutput<(typeof auditBy)[G]>;
export type AnyAudit = AuditBy<AuditGrouping>;
export const AnyAudit = v.union(Object.values(auditBy));
