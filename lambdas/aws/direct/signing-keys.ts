/**
 * The key that requests to one service are signed by ("Create a signed AWS API request"): derived once a day, and kept as
 * a KeyObject, since a key in a buffer costs OpenSSL five times as much for each signature.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export class SigningKeys {
  readonly #region: string;
  readonly #service: string;
  #kept: { secretAccessKey: string; date: string; key: KeyObject } | undefined;

  constructor(region: string, service: string) {
    this.#region = region;
    this.#service = service;
  }

  /** @param date YYYYMMDD */
  keyFor(secretAccessKey: string, date: string): KeyObject {
    if (this.#kept?.date !== date || this.#kept.secretAccessKey !== secretAccessKey) {
      let key = createSecretKey(`AWS4${secretAccessKey}`, 'utf8');
      for (const part of [date, this.#region, this.#service, 'aws4_request']) {
        key = createSecretKey(createHmac('sha256', key).update(part).digest());
      }
      this.#kept = { secretAccessKey, date, key };
    }
    return this.#kept.key;
  }
}

/** `20261130T120000Z` of a time in milliseconds since the epoch. */
export function signingTime(now: number): string {
  return new Date(Math.floor(now / 1_000) * 1_000).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
