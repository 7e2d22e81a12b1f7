/**
 * Verifies tokens against the public halves of the KMS keys that sign them: the connect path holds no secret, and
 * fetches each key once in a Lambda environment's life. Two keys are in use during a rotation. A token that names the
 * external issuer, where there is one, is verified by that issuer's keys alone.
 */
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { decodeJwt, errors, importSPKI, type JWTHeaderParameters, jwtVerify } from 'jose';
import {
  type Identity,
  identityFromClaims,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  TOKEN_TYPE,
  type TokenTimes,
  timesOf,
} from '../../domain/identity/identity.ts';
import { clientOf } from '../aws/client-of.ts';
import { type ExternalIssuer, externalIssuerFromEnvironment } from './external-issuer.ts';
import { tokenKeyIds } from './token-keys.ts';

type PublicKey = Awaited<ReturnType<typeof importSPKI>>;

/** The token is missing, malformed, expired, wrongly signed, or not storecast's. The message is for the log. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

export interface VerifiedToken {
  identity: Identity;
  /** Of a token that a key of this stack has signed; undefined for the external issuer's. */
  ours: TokenTimes | undefined;
}

/** Verifies by the keys that the stack gave this function. */
export function verifierFromEnvironment(): TokenVerifier {
  const { newest, previous } = tokenKeyIds();
  return new TokenVerifier({
    client: clientOf(KMSClient),
    keyIds: [newest, ...previous],
    external: externalIssuerFromEnvironment(),
  });
}

export class TokenVerifier {
  readonly #client: KMSClient;
  readonly #keyIds: readonly string[];
  readonly #external: ExternalIssuer | undefined;
  readonly #publicKeys = new Map<string, Promise<PublicKey>>();

  /** @param options.keyIds the keys whose tokens are valid; a token's `kid` names one of them */
  constructor(options: {
    client: KMSClient;
    keyIds: readonly string[];
    external?: ExternalIssuer | undefined;
  }) {
    this.#client = options.client;
    this.#keyIds = options.keyIds;
    this.#external = options.external;
  }

  /**
   * @throws InvalidTokenError for a missing or invalid token; other errors are passing faults of KMS or of the issuer
   */
  async verify(token: string | undefined): Promise<VerifiedToken> {
    if (token === undefined) throw new InvalidTokenError('no token');
    const { claims, ours } = await this.#verifiedClaims(token);
    const identity = identityFromClaims(claims);
    if (identity === undefined) throw new InvalidTokenError('the claims name no role that storecast knows');
    return { identity, ours };
  }

  async #verifiedClaims(token: string): Promise<{ claims: unknown; ours: TokenTimes | undefined }> {
    try {
      // The unsigned `iss` only selects the keys; both ways verify the signed one.
      if (this.#external !== undefined && decodeJwt(token).iss === this.#external.issuer) {
        return { claims: await this.#external.verify(token), ours: undefined };
      }
      const { payload } = await jwtVerify(token, header => this.#keyFor(header), {
        algorithms: [TOKEN_ALGORITHM],
        // The keys sign evidence, too.
        typ: TOKEN_TYPE,
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        requiredClaims: ['exp'],
      });
      return { claims: payload, ours: timesOf(payload) };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new InvalidTokenError(error.code, { cause: error });
      throw error;
    }
  }

  #keyFor({ kid }: JWTHeaderParameters): Promise<PublicKey> {
    if (kid === undefined || !this.#keyIds.includes(kid)) {
      throw new InvalidTokenError('the kid names no key in use');
    }
    const known = this.#publicKeys.get(kid);
    if (known !== undefined) return known;
    const fetched = this.#fetchPublicKey(kid).catch(error => {
      // A passing fault of KMS must not last for the environment's life: the next token fetches the key again.
      this.#publicKeys.delete(kid);
      throw error;
    });
    this.#publicKeys.set(kid, fetched);
    return fetched;
  }

  async #fetchPublicKey(keyId: string): Promise<PublicKey> {
    const { PublicKey } = await this.#client.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new Error(`KMS returned no public key for ${keyId}`);
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey).toString('base64')}\n-----END PUBLIC KEY-----`;
    return importSPKI(pem, TOKEN_ALGORITHM);
  }
}
