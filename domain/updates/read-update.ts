/** Reads an update frame, once and checked: the price book and the application rely on its shape. */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { LocalTime } from '../retail/local-time.ts';
import { faultOf } from '../retail/offer.ts';
import { Timestamp } from '../time.ts';
import type { UpdateFrame } from './update.ts';
import { updateData } from './update-content.ts';

const common = { id: v.string(), publishedAt: Timestamp };
const validity = {
  validFrom: v.nullable(Timestamp),
  validUntil: v.nullable(Timestamp),
  validFromLocal: v.exactOptional(LocalTime),
  validUntilLocal: v.exactOptional(LocalTime),
};
export const KnownUpdate = v.variant('kind', [
  v.object({
    ...common,
    kind: v.literal('price.changed'),
    ...validity,
    data: updateData['price.changed'],
  }),
  v.object({
    ...common,
    kind: v.literal('offer.published'),
    ...validity,
    data: updateData['offer.published'],
  }),
  v.object({ ...common, kind: v.literal('price.withdrawn'), data: updateData['price.withdrawn'] }),
  v.object({ ...common, kind: v.literal('offer.withdrawn'), data: updateData['offer.withdrawn'] }),
  v.object({
    ...common,
    kind: v.literal('message.published'),
    ...validity,
    data: updateData['message.published'],
  }),
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
  if (!parsed.success) throw new InvalidUpdateError(describeIssues(parsed.issues, 'update'));
  const known = parsed.output;
  const fault = known.kind === 'offer.published' ? faultOf({ ...known.data, ...known }) : undefined;
  if (fault !== undefined) throw new InvalidUpdateError(`update: ${fault}`);
  return known;
}
