/** Signs evidence by the stack's newest key, and says which deployment made it. */
import { TOKEN_ALGORITHM } from '../../domain/identity/identity.ts';
import { type FlattenedJws, type Sign, signJws } from '../../domain/identity/jws.ts';
import { EVIDENCE_TYPE, type EvidenceStatement } from '../../domain/protocol/evidence-statement.ts';

/** A Lambda answers 6 MB; base64url makes four bytes of three, and the header and the gateway take a little. */
const MOST_STATEMENT_BYTES = 4_500_000;
/** More than ever fit: a store takes 40 bytes at least. */
export const MOST_STORES = Math.ceil(MOST_STATEMENT_BYTES / 40);

export class EvidenceSigner {
  readonly #keyId: string;
  readonly #madeBy: EvidenceStatement['madeBy'];
  readonly #sign: Sign;

  constructor(options: { keyId: string; madeBy: EvidenceStatement['madeBy']; sign: Sign }) {
    this.#keyId = options.keyId;
    this.#madeBy = options.madeBy;
    this.#sign = options.sign;
  }

  sign(statement: Omit<EvidenceStatement, 'madeBy'>): Promise<FlattenedJws> {
    const header = { alg: TOKEN_ALGORITHM, typ: EVIDENCE_TYPE, kid: this.#keyId };
    return signJws(header, { madeBy: this.#madeBy, ...statement }, this.#sign);
  }
}

/** How many of these, the first ones, evidence of an update holds; one at least. */
export function mostThatFit(stores: readonly object[], update: object): number {
  let bytes = bytesOf(update);
  const tooFar = stores.findIndex(store => {
    bytes += bytesOf(store) + 1;
    return bytes > MOST_STATEMENT_BYTES;
  });
  return tooFar === -1 ? stores.length : Math.max(1, tooFar);
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
