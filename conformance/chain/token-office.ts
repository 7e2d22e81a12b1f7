/** Tokens of the scripted chain: JWTs that tills read and never verify, so any signature does. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';

export interface TokenStore {
  storeId: string;
  region: string;
  groups: readonly string[];
  timeZone: string;
}

/** Of a store's token, as the chain signs them. */
const LIFETIME_SECONDS = 90 * 86_400;

export class TokenOffice {
  readonly #store: TokenStore;
  readonly #key = randomBytes(32);
  /** When each token ends, in seconds since the epoch. */
  readonly #issued = new Map<string, number>();

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** @param iat in seconds since the epoch; a token's end is its own, so that one of some seconds can be asked for */
  mint(iat: number, exp = iat + LIFETIME_SECONDS): string {
    const claims = {
      iss: 'storecast',
      aud: 'storecast',
      iat,
      exp,
      auth_time: iat,
      iatMs: iat * 1_000,
      role: 'store',
      sub: this.#store.storeId,
      jti: randomUUID(),
      ...this.#store,
    };
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    const token = `${signed}.${createHmac('sha256', this.#key).update(signed).digest('base64url')}`;
    this.#issued.set(token, exp);
    return token;
  }

  /** It holds, whatever it says itself. */
  prolong(token: string): void {
    this.#issued.set(token, Number.POSITIVE_INFINITY);
  }

  isGood(token: string | undefined, now: number): token is string {
    const exp = this.#issued.get(token ?? '');
    return exp !== undefined && exp * 1_000 > now;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
