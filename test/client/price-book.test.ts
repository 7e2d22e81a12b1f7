import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../client/till/price-book.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';

const start = Date.parse('2026-12-01T08:00:00Z');
const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
const time = (minutes: number): number => start + minutes * 60_000;

interface Draft {
  id: string;
  published: number;
  from?: number | null;
  amount?: number;
}

function price({ id, published, from = null, amount = published }: Draft): UpdateFrame {
  return frame('price.changed', id, published, from, null, {
    prices: [{ sku: 'A', amount, currency: 'EUR' }],
  });
}

function offer(id: string, published: number, from: number | null, until: number): UpdateFrame {
  const data = { offerId: 'O', title: id, skus: ['A'], discount: { percent: 5 } };
  return frame('offer.published', id, published, from, until, data);
}

function withdrawal(id: string, published: number): UpdateFrame {
  return frame('offer.withdrawn', id, published, null, null, { offerId: 'O' });
}

function frame(
  kind: UpdateFrame['kind'],
  id: string,
  published: number,
  from: number | null,
  until: number | null,
  data: Record<string, unknown>,
): UpdateFrame {
  const validFrom = from === null ? null : at(from);
  const validUntil = until === null ? null : at(until);
  return { type: 'update', id, kind, positions: {}, publishedAt: at(published), validFrom, validUntil, data };
}

function bookOf(updates: readonly UpdateFrame[]): PriceBook {
  const book = new PriceBook();
  for (const update of updates) book.apply(update);
  return book;
}

describe('prices', () => {
  it.each([
    ['the later publication', [price({ id: 'a', published: 1 }), price({ id: 'b', published: 2 })], 2],
    [
      'the later effective time, though published earlier',
      [price({ id: 'a', published: 1, from: 5 }), price({ id: 'b', published: 3 })],
      1,
    ],
    [
      'the later publication of two effective at once',
      [price({ id: 'b', published: 1, from: 5 }), price({ id: 'a', published: 2, from: 5 })],
      2,
    ],
    // "From 08:00", sent at 08:01: it was never in force against an older price without a start.
    [
      'a later publication whose start is past already',
      [price({ id: 'a', published: 3 }), price({ id: 'b', published: 5, from: 1 })],
      5,
    ],
    [
      'the greater id of two published at once',
      [price({ id: 'a', published: 1, amount: 7 }), price({ id: 'b', published: 1, amount: 8 })],
      8,
    ],
  ])('gives way to %s', (_, updates, amount) => {
    expect(bookOf(updates).price('A', time(10))?.amount).toBe(amount);
    expect(bookOf(updates.toReversed()).price('A', time(10))?.amount).toBe(amount);
  });

  it('takes effect on the second, and the earlier price holds until then', () => {
    const book = bookOf([price({ id: 'a', published: 1 }), price({ id: 'b', published: 2, from: 30 })]);
    expect(book.nextChange(time(5))).toBe(time(30));
    expect(book.price('A', time(30) - 1)?.amount).toBe(1);
    expect(book.price('A', time(30))?.amount).toBe(2);
    expect(book.changes(time(5), time(30))).toMatchObject([
      { type: 'price.effective', price: { amount: 2 } },
    ]);
    expect(book.nextChange(time(30))).toBeUndefined();
  });

  it('is in force at once on a clock that is behind its publication', () => {
    expect(bookOf([price({ id: 'a', published: 1 })]).price('A', time(0))?.amount).toBe(1);
  });

  it.each([
    ['no prices', {}],
    ['a price without a currency', { prices: [{ sku: 'A', amount: 1 }] }],
  ])('refuses an update with %s', (_, data) => {
    expect(() => bookOf([frame('price.changed', 'a', 1, null, null, data)])).toThrow('data.prices');
  });
});

describe('offers', () => {
  it('are active from validFrom up to, not including, validUntil', () => {
    const book = bookOf([offer('a', 0, 10, 20)]);
    const active = [time(10) - 1, time(10), time(20) - 1, time(20)].map(when => book.offers(when).length);
    expect(active).toEqual([0, 1, 1, 0]);
    expect([book.nextChange(time(0)), book.nextChange(time(10)), book.nextChange(time(20))]).toEqual([
      time(10),
      time(20),
      undefined,
    ]);
  });

  it('stay withdrawn when their publication comes late, and return when published anew', () => {
    const book = bookOf([withdrawal('b', 2), offer('a', 1, null, 60)]);
    expect(book.offers(time(5))).toEqual([]);
    book.apply(offer('c', 3, null, 60));
    expect(book.offers(time(5))).toMatchObject([{ updateId: 'c' }]);
  });

  it('do not come back by an older event once the latest has ended and the book was pruned', () => {
    const book = bookOf([offer('b', 2, null, 5)]);
    book.prune(time(10));
    book.apply(offer('a', 1, null, 60));
    expect(book.offers(time(10))).toEqual([]);
  });

  it('are forgotten a month after their end; a withdrawal of an unknown offer never', () => {
    const month = 31 * 24 * 60;
    const ended = bookOf([offer('a', 1, null, 5), withdrawal('b', 2)]);
    ended.prune(time(month));
    expect(ended.snapshot().offers).toEqual([]);
    const unknown = bookOf([withdrawal('b', 2)]);
    unknown.prune(time(month));
    expect(unknown.snapshot().offers).toHaveLength(1);
  });
});

const draft = fc.oneof(
  fc.record({ published: fc.nat(5), from: fc.option(fc.nat(12)), amount: fc.nat(9) }).map(
    ({ published, from, amount }) =>
      (id: string) =>
        price({ id, published, from, amount }),
  ),
  fc.record({ published: fc.nat(5), from: fc.option(fc.nat(5)), length: fc.integer({ min: 1, max: 6 }) }).map(
    ({ published, from, length }) =>
      (id: string) =>
        offer(id, published, from, (from ?? 0) + length),
  ),
  fc.nat(5).map(published => (id: string) => withdrawal(id, published)),
);
const history = fc.array(draft, { maxLength: 12 }).map(drafts => drafts.map((make, n) => make(`u${n}`)));
const delivery = history.chain(updates =>
  fc.record({
    updates: fc.constant(updates),
    delivered: fc
      .tuple(fc.shuffledSubarray(updates), fc.shuffledSubarray(updates, { minLength: updates.length }))
      .map(([repeats, all]) => [...repeats, ...all]),
  }),
);
const moments = Array.from({ length: 14 }, (_, minute) => minute);

/** The contract's rules, word for word, over the whole history. */
function modelled(updates: readonly UpdateFrame[], now: number): { price: unknown; offers: unknown[] } {
  const latest = (a: UpdateFrame, b: UpdateFrame): number =>
    a.publishedAt.localeCompare(b.publishedAt) || (a.id < b.id ? -1 : 1);
  const effective = ({ publishedAt, validFrom }: UpdateFrame): string =>
    validFrom !== null && validFrom > publishedAt ? validFrom : publishedAt;
  const price = updates
    .filter(u => u.kind === 'price.changed' && (u.validFrom === null || Date.parse(u.validFrom) <= now))
    .sort((a, b) => effective(a).localeCompare(effective(b)) || latest(a, b))
    .at(-1)?.id;
  const event = updates
    .filter(u => u.kind !== 'price.changed')
    .sort(latest)
    .at(-1);
  const isActive =
    event?.validUntil &&
    (event.validFrom === null || Date.parse(event.validFrom) <= now) &&
    now < Date.parse(event.validUntil);
  return { price, offers: isActive ? [event.id] : [] };
}

function observed(book: PriceBook, now: number): { price: unknown; offers: unknown[] } {
  return { price: book.price('A', now)?.updateId, offers: book.offers(now).map(({ updateId }) => updateId) };
}

describe('any order, with any repeats', () => {
  it('makes the book that the rules describe, at every moment', () => {
    fc.assert(
      fc.property(delivery, ({ updates, delivered }) => {
        const book = bookOf(delivered);
        for (const minute of moments) {
          expect(observed(book, time(minute))).toEqual(modelled(updates, time(minute)));
        }
      }),
    );
  });

  it('makes the same book when it is pruned, saved and restored in between', () => {
    fc.assert(
      fc.property(delivery, fc.nat(12), fc.nat(20), ({ updates, delivered }, minute, cut) => {
        const first = bookOf(delivered.slice(0, cut));
        first.prune(time(minute));
        const book = new PriceBook(JSON.parse(JSON.stringify(first.snapshot())));
        for (const update of delivered.slice(cut)) book.apply(update);
        for (const later of moments.slice(minute)) {
          expect(observed(book, time(later))).toEqual(modelled(updates, time(later)));
        }
      }),
    );
  });

  it('names every moment at which time changes the book', () => {
    fc.assert(
      fc.property(history, updates => {
        const book = bookOf(updates);
        for (const minute of moments) {
          const changes =
            JSON.stringify(observed(book, time(minute))) !== JSON.stringify(observed(book, time(minute + 1)));
          const next = book.nextChange(time(minute)) ?? Number.POSITIVE_INFINITY;
          if (changes) expect(next).toBeLessThanOrEqual(time(minute + 1));
          if (next > time(minute + 1)) expect(changes).toBe(false);
        }
      }),
    );
  });
});
