import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../../domain/book/price-book.ts';
import { canonicalJson } from '../../../domain/json.ts';
import type { UpdateFrame } from '../../../domain/updates/update.ts';

interface Vector {
  name: string;
  at: string;
  timeZone: string;
  updates: UpdateFrame[];
  /** What each entry that lasts is hashed as. */
  entries: object[];
  hash: string;
}
const file = join(import.meta.dirname, '../../../docs/vectors/book-hash.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

const bookOf = (updates: readonly UpdateFrame[], timeZone = 'UTC') => {
  const book = new PriceBook();
  book.timeZone = timeZone;
  for (const update of updates) book.apply(update);
  return book;
};

/** The recipe of docs/protocol.md, by another SHA-256. */
function hashOf(entries: readonly object[]): string {
  const sum = entries.reduce(
    (total, entry) => total + createHash('sha256').update(canonicalJson(entry)).digest().readBigUInt64BE(),
    0n,
  );
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}

describe('the vectors', () => {
  it.each(vectors.map(vector => [vector.name, vector] as const))('%s', (_name, vector) => {
    const { at, entries, hash, timeZone, updates } = vector;
    expect(hashOf(entries)).toBe(hash);
    expect(bookOf(updates, timeZone).hash(Date.parse(at))).toBe(hash);
  });

  it('tell all books apart that have other entries', () => {
    const entries = vectors.map(vector => canonicalJson(vector.entries));
    expect(new Set(vectors.map(({ hash }) => hash)).size).toBe(new Set(entries).size);
  });
});

const START = Date.parse('2026-12-01T08:00:00Z');
const minutes = (count: number) => new Date(START + count * 60_000).toISOString();

const Update = fc
  .record({
    number: fc.integer({ min: 1, max: 20 }),
    sku: fc.constantFrom('A', 'B'),
    from: fc.option(fc.integer({ min: 0, max: 40 }), { nil: null }),
    length: fc.option(fc.integer({ min: 1, max: 40 }), { nil: null }),
    type: fc.constantFrom('regular' as const, 'promotional' as const),
    amount: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ amount, from, length, number, sku, type }): UpdateFrame => {
    const validUntil = length === null ? null : minutes((from ?? number) + length);
    return {
      type: 'update',
      id: `u${number}`,
      kind: 'price.changed',
      positions: { all: number },
      publishedAt: minutes(number),
      validFrom: from === null ? null : minutes(from),
      validUntil,
      data: { prices: [{ sku, amount, currency: 'EUR', priceType: type }] },
    };
  });
const Updates = fc.uniqueArray(Update, { selector: ({ id }) => id, maxLength: 12 });
const Minute = fc.integer({ min: 0, max: 90 });

/** What a book will answer from a time on. */
const answersOf = (book: PriceBook, from: number) =>
  Array.from({ length: 91 - from }, (_, index) => {
    const at = START + (from + index) * 60_000;
    return ['A', 'B'].map(sku =>
      book
        .prices(sku, at)
        .map(({ updateId }) => updateId)
        .sort(),
    );
  });

describe('the hash of a book', () => {
  it('is the same whatever the order in which its updates came, and what it has forgotten since', () => {
    fc.assert(
      fc.property(Updates, Minute, fc.infiniteStream(fc.nat()), (updates, minute, numbers) => {
        const at = START + minute * 60_000;
        const shuffled = updates
          .map(update => [numbers.next().value as number, update] as const)
          .sort(([a], [b]) => a - b)
          .map(([, update]) => update);
        const forgetful = bookOf(shuffled);
        forgetful.prune(at);
        expect(forgetful.hash(at)).toBe(bookOf(updates).hash(at));
        expect(new PriceBook(forgetful.snapshot()).hash(at)).toBe(bookOf(updates).hash(at));
      }),
    );
  });

  it('differs where two books will ever answer otherwise, and only there', () => {
    fc.assert(
      fc.property(Updates, Updates, Minute, (one, other, minute) => {
        // Of one id there is one content.
        const known = new Map([...one, ...other].map(update => [update.id, update]));
        const books = [one, other].map(updates =>
          bookOf(updates.map(({ id }) => known.get(id) as UpdateFrame)),
        );
        const at = START + minute * 60_000;
        const [first, second] = books.map(book => book.hash(at));
        const [answers, others] = books.map(book => answersOf(book, minute));
        expect(first === second).toBe(canonicalJson(answers) === canonicalJson(others));
      }),
      { numRuns: 300 },
    );
  });
});
