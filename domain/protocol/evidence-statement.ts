/**
 * Evidence: what became of an update, signed by the chain's key. Whoever has it and the public key can tell later, and
 * without the chain, what the chain knew at that moment.
 */
import * as v from 'valibot';
import { type FlattenedJws, unverifiedPayload } from '../identity/jws.ts';
import { Delivery, PublishedUpdate, wholeList } from './http-api.ts';

/** The header's `typ`, which no token has: the same key signs both, and neither passes for the other. */
export const EVIDENCE_TYPE = 'storecast-evidence';

/** What is signed. */
export const EvidenceStatement = v.object({
  madeAt: v.string(),
  madeBy: v.object({
    /** The deployment's name in its account and Region. */
    deployment: v.string(),
    storeEndpoint: v.string(),
  }),
  update: PublishedUpdate,
  /** As `GET /updates/{id}/delivery` has it; with a `cursor` where the stores take more than one part. */
  delivery: Delivery,
  /** The store after which this part's begin; null where they begin with the first. */
  after: v.nullable(v.string()),
});
export type EvidenceStatement = v.InferOutput<typeof EvidenceStatement>;

/** What evidence says, whether or not it is true. @throws Error for what can't be read as such */
export function unverifiedStatement(jws: FlattenedJws): EvidenceStatement {
  return v.parse(EvidenceStatement, unverifiedPayload(jws));
}

/** All parts of the evidence of an update. @param load the part from a cursor on */
export function allParts(
  load: (cursor: string | undefined) => Promise<FlattenedJws>,
): Promise<FlattenedJws[]> {
  return wholeList(
    async cursor => {
      const jws = await load(cursor);
      const { delivery } = unverifiedStatement(jws);
      return { jws, ...(delivery.cursor === undefined ? {} : { cursor: delivery.cursor }) };
    },
    ({ jws }) => [jws],
  );
}
