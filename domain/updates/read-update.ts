/** Reads an update frame, once and checked: the price book and the application rely on its shape. */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Timestamp } from '../time.ts';
import type { UpdateFrame } from './update.ts';
import { updateData } from './update-content.ts';

const common = { id: v.string(), publishedAt: Timestamp };
const KnownUpdate = v.variant('kind', [
  v.object({
    ...common,
    kind: v.literal('price.changed'),
    validFrom: v.nullable(Timestamp),
    data: updateData['price.changed'],
  }),
  v.object({
    ...common,
    kind: v.literal('offer.published'),
    validFrom: v.nullable(Timestamp),
    validUntil: Timestamp,
    data: updateData['offer.published'],
  }),
  v.object({ ...common, kind: v.literal('offer.withdrawn'), data: updateData['offer.withdrawn'] }),
]);

/** An update whose content the price book can take. */
export type KnownUpdate = v.InferOutput<typeof KnownUpdate>;

/** An update that doesn't say what its kind must say; it is rejected with this message. */
export class InvalidUpdateError extends Error {
  override readonly name = 'InvalidUpdateError';
}

/** @throws InvalidUpdateError naming what is wrong and where */
export function readUpdate(update: Omit<UpdateFrame, 'type' | 'positions'>): KnownUpdate {
  const parsed = v.safeParse(KnownUpdate, update);
  if (parsed.success) return parsed.output;
  throw new InvalidUpdateError(describeIssues(parsed.issues, 'update'));
}
