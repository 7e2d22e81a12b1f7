/** Updates as an event would make them, for the tests of what stores and sends them. */
import type { Audience } from '../../domain/updates/channels.ts';
import type { Update } from '../../domain/updates/update.ts';

export const NOW = Date.parse('2026-12-01T08:00:00.000Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

let made = 0;

/** A name that no other test of this process has. */
export function unique(prefix: string): string {
  made += 1;
  return `${prefix}${made}`;
}

export function audience(named: Partial<Audience>): Audience {
  return { regions: [], groups: [], stores: [], ...named };
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** A price change; `changes` say what is special about it. */
export function priceUpdate(changes: Partial<Update> = {}): Update {
  return {
    id: unique('u'),
    kind: 'price.changed',
    publishedAt: isoTime(NOW),
    validFrom: null,
    validUntil: null,
    audience: undefined,
    data: { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] },
    ...changes,
  };
}

export function offerUpdate(offerId: string, validUntil: number, changes: Partial<Update> = {}): Update {
  return priceUpdate({
    kind: 'offer.published',
    validUntil: isoTime(validUntil),
    data: { offerId, title: 'Two for one', skus: ['A'], discount: { percent: 50 } },
    ...changes,
  });
}

export function withdrawal(offerId: string, changes: Partial<Update> = {}): Update {
  return priceUpdate({ kind: 'offer.withdrawn', data: { offerId }, ...changes });
}
