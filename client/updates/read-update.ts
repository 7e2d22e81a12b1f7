/** What an update's `data` says, read once and checked: the price book and the application rely on its shape. */
import * as v from 'valibot';
import { Timestamp } from '../../domain/time.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';

const Price = v.object({ sku: v.string(), amount: v.number(), currency: v.string() });
const Discount = v.union([
  v.object({ percent: v.number() }),
  v.object({ amount: v.number(), currency: v.string() }),
]);

const common = { id: v.string(), publishedAt: Timestamp };
const KnownUpdate = v.variant('kind', [
  v.object({
    ...common,
    kind: v.literal('price.changed'),
    validFrom: v.nullable(Timestamp),
    data: v.object({ prices: v.array(Price) }),
  }),
  v.object({
    ...common,
    kind: v.literal('offer.published'),
    validFrom: v.nullable(Timestamp),
    validUntil: Timestamp,
    data: v.object({
      offerId: v.string(),
      title: v.string(),
      skus: v.array(v.string()),
      discount: Discount,
    }),
  }),
  v.object({ ...common, kind: v.literal('offer.withdrawn'), data: v.object({ offerId: v.string() }) }),
]);

/** An update whose content the price book can take. */
export type KnownUpdate = v.InferOutput<typeof KnownUpdate>;
export type Discount = v.InferOutput<typeof Discount>;

/** An update that doesn't say what its kind must say; it is rejected with this message. */
export class InvalidUpdateError extends Error {
  override readonly name = 'InvalidUpdateError';
}

/** @throws InvalidUpdateError naming what is wrong and where */
export function readUpdate(update: Omit<UpdateFrame, 'type' | 'positions'>): KnownUpdate {
  const parsed = v.safeParse(KnownUpdate, update);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map(issue => `${v.getDotPath(issue) ?? 'update'}: ${issue.message}`);
  throw new InvalidUpdateError(problems.slice(0, 10).join('; '));
}
