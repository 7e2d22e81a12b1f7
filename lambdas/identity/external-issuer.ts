/**
 * Tokens that an identity provider of the chain's own has signed, where the stack names one: verified by the keys that it
 * shows at its JWKS URL. These are asked for once in ten minutes, and at a `kid` that is not among them at most twice a
 * minute. Where they can't be had nobody is let in by them, and nobody is told that his token is bad: he may try again.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Environment } from '../../domain/names.ts';
import { required } from '../aws/environment.ts';

/** Both are asymmetric: with HS256 among them, a public key could pass for a secret. */
const ALGORITHMS = ['RS256', 'ES256'];

/** The issuer's keys can't be had; a passing fault, and no judgement of the token. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

export interface ExternalIssuerOptions {
  /** The tokens' `iss`, to the letter. */
  issuer: string;
  jwksUrl: string;
  /** Must be among the tokens' `aud`: an issuer signs for others, too. */
  audience: string;
}

/** Undefined where the stack names none. */
export function externalIssuerFromEnvironment(): ExternalIssuer | undefined {
  const issuer = process.env[Environment.externalIssuer];
  if (issuer === undefined) return undefined;
  return new ExternalIssuer({
    issuer,
    jwksUrl: required(Environment.externalJwksUrl),
    audience: required(Environment.externalAudience),
  });
}

export class ExternalIssuer {
  readonly issuer: string;
  readonly #audience: string;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor({ issuer, jwksUrl, audience }: ExternalIssuerOptions) {
    this.issuer = issuer;
    this.#audience = audience;
    // Half of the authorizer's time; afterwards the gateway would answer 500 by itself.
    this.#keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5_000 });
  }

  /** @throws JOSEError for a token that doesn't hold; IssuerUnavailableError */
  async verify(token: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, (header, jws) => this.#keyFor(header, jws), {
      algorithms: ALGORITHMS,
      issuer: this.issuer,
      audience: this.#audience,
      requiredClaims: ['exp'],
    });
    return payload;
  }

  async #keyFor(...[header, jws]: Parameters<JWTVerifyGetKey>) {
    try {
      return await this.#keys(header, jws);
    } catch (error) {
      // A token without a `kid`, or of one that the issuer doesn't show.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
        throw error;
      }
      throw new IssuerUnavailableError(`the keys of ${this.issuer} can't be had`, { cause: error });
    }
  }
}
