/**
 * Verifies tokens that the chain's own identity provider has signed, where the stack names one, by the keys at its JWKS
 * URL. The keys are fetched once in ten minutes, and for an unknown `kid` at most twice a minute. While they are
 * unavailable, such tokens are neither accepted nor called invalid: the caller may try again.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Environment } from '../../domain/names.ts';
import { required } from '../aws/environment.ts';

/** Both are asymmetric: with HS256 among them, a public key could pass for a secret. */
const ALGORITHMS = ['RS256', 'ES256'];

/** How far the issuer's clock may be ahead of ours. */
const CLOCK_LEEWAY_SECONDS = 60;

/** The issuer's keys are unavailable: a passing fault, which says nothing about the token. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

export interface ExternalIssuerOptions {
  /** The exact `iss` of its tokens. */
  issuer: string;
  jwksUrl: string;
  /** Must be among the tokens' `aud`, since an issuer also signs tokens for others. */
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
    // Half of the authorizer's timeout, after which the gateway itself answers 500.
    this.#keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5_000 });
  }

  /** @throws JOSEError for a token that is not valid; IssuerUnavailableError */
  async verify(token: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, (header, jws) => this.#keyFor(header, jws), {
      algorithms: ALGORITHMS,
      issuer: this.issuer,
      audience: this.#audience,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_LEEWAY_SECONDS,
    });
    // The leeway is for a beginning that our clock has not reached yet: no token holds longer for it.
    if ((payload.exp ?? 0) <= Date.now() / 1_000)
      throw new errors.JWTExpired('the token has expired', payload);
    return payload;
  }

  async #keyFor(...[header, jws]: Parameters<JWTVerifyGetKey>) {
    try {
      return await this.#keys(header, jws);
    } catch (error) {
      // The token has no `kid`, or one that the issuer does not list.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
        throw error;
      }
      throw new IssuerUnavailableError(`the keys of ${this.issuer} are unavailable`, { cause: error });
    }
  }
}
