/**
 * Verifies tokens against the public halves of the KMS keys that sign them: the connect path holds no secret, and asks
 * KMS for each once in a Lambda environment's life. Two keys are in use while one takes over from the other. A token that
 * names the external issuer, where there is one, is verified by that one's keys alone.
 */
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { decodeJwt, errors, importSPKI, type JWTHeaderParameters, jwtVerify } from 'jose';
import {
  type Identity,
  identityFromClaims,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '../../domain/identity/identity.ts';
import { type ExternalIssuer, externalIssuerFromEnvironment } from './external-issuer.ts';
import { tokenKeyIds } from './token-keys.ts';

type PublicKey = Awaited<ReturnType<typeof importSPKI>>;

/** The token is missing, malformed, expired, wrongly signed, or not storecast's. The message is for the log. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

export interface VerifiedToken {
  identity: Identity;
  /** Signed by a key of this stack; else by the external issuer. */
  isOurs: boolean;
}

/** Verifies by the keys that the stack gave this function. */
export function verifierFromEnvironment(): TokenVerifier {
  const { newest, previous } = tokenKeyIds();
  return new TokenVerifier({
    client: new KMSClient({}),
    keyIds: [newest, ...previous],
    external: externalIssuerFromEnvironment(),
  });
}

export class TokenVerifier {
  readonly #client: KMSClient;
  readonly #keyIds: readonly string[];
  readonly #external: ExternalIssuer | undefined;
  readonly #publicKeys = new Map<string, Promise<PublicKey>>();

  /** @param options.keyIds the only keys whose tokens hold; a token's `kid` picks one */
  constructor(options: {
    client: KMSClient;
    keyIds: readonly string[];
    external?: ExternalIssuer | undefined;
  }) {
    this.#client = options.client;
    this.#keyIds = options.keyIds;
    this.#external = options.external;
  }

  /** @throws InvalidTokenError for no token, or one that doesn't hold; other errors are KMS's or the issuer's, and pass */
  async verify(token: string | undefined): Promise<VerifiedToken> {
    if (token === undefined) throw new InvalidTokenError('no token');
    const { claims, isOurs } = await this.#verifiedClaims(token);
    const identity = identityFromClaims(claims);
    if (identity === undefined) throw new InvalidTokenError('the claims name no role that storecast knows');
    return { identity, isOurs };
  }

  async #verifiedClaims(token: string): Promise<{ claims: unknown; isOurs: boolean }> {
    try {
      // Only a hint at whose keys to take: both ways check `iss` again, signed.
      if (this.#external !== undefined && decodeJwt(token).iss === this.#external.issuer) {
        return { claims: await this.#external.verify(token), isOurs: false };
      }
      const { payload } = await jwtVerify(token, header => this.#keyFor(header), {
        algorithms: [TOKEN_ALGORITHM],
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        requiredClaims: ['exp'],
      });
      return { claims: payload, isOurs: true };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new InvalidTokenError(error.code, { cause: error });
      throw error;
    }
  }

  #keyFor({ kid }: JWTHeaderParameters): Promise<PublicKey> {
    if (kid === undefined || !this.#keyIds.includes(kid)) {
      throw new InvalidTokenError('the kid is not of a key in use');
    }
    const known = this.#publicKeys.get(kid);
    if (known !== undefined) return known;
    const fetched = this.#fetchPublicKey(kid).catch(error => {
      // The next token asks again: a passing fault of KMS must not stay for the environment's life.
      this.#publicKeys.delete(kid);
      throw error;
    });
    this.#publicKeys.set(kid, fetched);
    return fetched;
  }

  async #fetchPublicKey(keyId: string): Promise<PublicKey> {
    const { PublicKey } = await this.#client.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new Error(`KMS key ${keyId} answered no public key`);
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey).toString('base64')}\n-----END PUBLIC KEY-----`;
    return importSPKI(pem, TOKEN_ALGORITHM);
  }
}
