/**
 * Verifies tokens against the public halves of the KMS keys that sign them: the connect path holds no secret, and asks
 * KMS for each once in a Lambda environment's life. Two keys are in use while one takes over from the other.
 */
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { errors, importSPKI, type JWTHeaderParameters, jwtVerify } from 'jose';
import {
  type Identity,
  identityFromClaims,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '../../domain/identity.ts';
import { tokenKeyIds } from './token-keys.ts';

type PublicKey = Awaited<ReturnType<typeof importSPKI>>;

/** The token is missing, malformed, expired, wrongly signed, or not storecast's. The message is for the log. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

/** Verifies by the keys that the stack gave this function. */
export function verifierFromEnvironment(): TokenVerifier {
  const { newest, previous } = tokenKeyIds();
  return new TokenVerifier({ client: new KMSClient({}), keyIds: [newest, ...previous] });
}

export class TokenVerifier {
  readonly #client: KMSClient;
  readonly #keyIds: readonly string[];
  readonly #publicKeys = new Map<string, Promise<PublicKey>>();

  /** @param options.keyIds the only keys whose tokens hold; a token's `kid` picks one */
  constructor(options: { client: KMSClient; keyIds: readonly string[] }) {
    this.#client = options.client;
    this.#keyIds = options.keyIds;
  }

  /** @throws InvalidTokenError for no token, or one that doesn't hold; other errors are KMS's, and pass */
  async verify(token: string | undefined): Promise<Identity> {
    if (token === undefined) throw new InvalidTokenError('no token');
    const identity = identityFromClaims(await this.#verifiedClaims(token));
    if (identity === undefined) throw new InvalidTokenError('the claims name no role that storecast knows');
    return identity;
  }

  async #verifiedClaims(token: string): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(token, header => this.#keyFor(header), {
        algorithms: [TOKEN_ALGORITHM],
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        requiredClaims: ['exp'],
      });
      return payload;
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
