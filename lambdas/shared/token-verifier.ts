/**
 * Verifies tokens against the public half of the KMS key that signs them: the connect path holds no secret, and
 * asks KMS once in a Lambda environment's life.
 */
import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { errors, importSPKI, type JWTHeaderParameters, jwtVerify } from 'jose';
import {
  type Identity,
  identityFromClaims,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '../../domain/identity.ts';

type PublicKey = Awaited<ReturnType<typeof importSPKI>>;

/** The token is missing, malformed, expired, wrongly signed, or not storecast's. The message is for the log. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

export class TokenVerifier {
  readonly #client: KMSClient;
  readonly #keyId: string;
  #publicKey: Promise<PublicKey> | undefined;

  constructor(options: { client: KMSClient; keyId: string }) {
    this.#client = options.client;
    this.#keyId = options.keyId;
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

  #keyFor(header: JWTHeaderParameters): Promise<PublicKey> {
    if (header.kid !== this.#keyId) throw new InvalidTokenError('the kid is not of a key in use');
    this.#publicKey ??= this.#fetchPublicKey().catch(error => {
      // The next token asks again: a passing fault of KMS must not stay for the environment's life.
      this.#publicKey = undefined;
      throw error;
    });
    return this.#publicKey;
  }

  async #fetchPublicKey(): Promise<PublicKey> {
    const { PublicKey } = await this.#client.send(new GetPublicKeyCommand({ KeyId: this.#keyId }));
    if (PublicKey === undefined) throw new Error(`KMS key ${this.#keyId} answered no public key`);
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey).toString('base64')}\n-----END PUBLIC KEY-----`;
    return importSPKI(pem, TOKEN_ALGORITHM);
  }
}
