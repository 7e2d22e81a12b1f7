/** A price for every store. */
import type { Update } from '../../domain/updates/update.ts';

export function priceUpdateOf(publishedAt: Date): Update {
  return {
    id: 'million-1',
    kind: 'price.changed',
    audience: undefined,
    publishedAt: publishedAt.toISOString(),
    validFrom: null,
    validUntil: null,
    data: { prices: [{ sku: '4006381333931', amount: 199, currency: 'EUR', priceType: 'regular' }] },
  };
}
