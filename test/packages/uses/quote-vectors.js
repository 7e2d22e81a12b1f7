// Prices the baskets of a file of vectors by a store's book, and fails at the first that costs something else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PriceBook } from '@storecast/client';

const { vectors } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const { name, at, timeZone, prices, offers, basket, expected, ...customer } of vectors) {
  const book = new PriceBook();
  book.timeZone = timeZone;
  const published = { publishedAt: '2020-01-01T00:00:00.000Z', validFrom: null, validUntil: null };
  book.apply({ ...published, id: 'prices', kind: 'price.changed', data: { prices } });
  for (const { validFrom = null, validUntil = null, validFromLocal, validUntilLocal, ...data } of offers) {
    const local = Object.entries({ validFromLocal, validUntilLocal }).filter(
      ([, time]) => time !== undefined,
    );
    const validity = { validFrom, validUntil, ...Object.fromEntries(local) };
    book.apply({ ...published, ...validity, id: data.offerId, kind: 'offer.published', data });
  }
  const { lines, total } = book.quote(basket, { at: Date.parse(at), ...customer });
  assert.deepEqual({ lines, total }, expected, name);
}
console.log(`${vectors.length} baskets cost what is expected`);
