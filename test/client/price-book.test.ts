import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../domain/book/price-book.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';

const start = Date.parse('2026-12-01T08:00:00Z');
const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
const time = (minutes: number): number => start + minutes * 60_000;

interface Draft {
  id: string;
  published: number;
  from?: number | null;
  until?: number | null;
  amount?: number;
  /** More of the price. */
  fields?: object;
}

function price({ id, published, from = null, until = null, amount = published, fields }: Draft): UpdateFrame {
  return frame('price.changed', id, published, from, until, {
    prices: [{ sku: 'A', amount, currency: 'EUR', ...fields }],
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

  it('gives way at its end to what was in force before it, and says so', () => {
    const book = bookOf([price({ id: 'a', published: 1 }), price({ id: 'b', published: 2, until: 30 })]);
    expect(book.price('A', time(30) - 1)?.amount).toBe(2);
    expect(book.nextChange(time(5))).toBe(time(30));
    expect(book.price('A', time(30))?.amount).toBe(1);
    expect(book.changes(time(5), time(30))).toMatchObject([
      { type: 'price.ended', price: { amount: 2 } },
      { type: 'price.effective', price: { amount: 1 } },
    ]);
  });

  it('of a start in the past counts from its publication', () => {
    const book = bookOf([
      price({ id: 'a', published: 3 }),
      price({ id: 'b', published: 5, from: 1, amount: 9 }),
    ]);
    expect(book.price('A', time(6))?.amount).toBe(9);
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

describe('the prices of an article', () => {
  const promotional = { priceType: 'promotional' };
  const member = { priceType: 'member' };

  it('hold beside each other, one for each currency and type', () => {
    const book = bookOf([
      price({ id: 'a', published: 5, amount: 200 }),
      price({ id: 'b', published: 1, amount: 150, fields: promotional, until: 30 }),
      price({ id: 'c', published: 2, amount: 120, fields: member }),
      price({ id: 'd', published: 3, amount: 210, fields: { currency: 'CHF' } }),
    ]);
    const amounts = (at: number) => book.prices('A', time(at)).map(({ amount }) => amount);
    expect(amounts(10).toSorted()).toEqual([120, 150, 200, 210]);
    expect(book.price('A', time(10))?.amount).toBe(150);
    expect(book.memberPrice('A', time(10))?.amount).toBe(120);
    expect(book.price({ sku: 'A', currency: 'CHF' }, time(10))?.amount).toBe(210);
    expect(book.price('A', time(30))?.amount).toBe(200);
    expect(book.changes(time(20), time(30))).toMatchObject([{ type: 'price.ended', price: { amount: 150 } }]);
  });

  it('are found by its GTIN, whatever its length, while a price in force names it', () => {
    const book = bookOf([
      price({ id: 'a', published: 1, fields: { gtin: '036000291452' } }),
      price({ id: 'b', published: 1, amount: 90, fields: promotional }),
    ]);
    for (const gtin of ['036000291452', '0036000291452', '00036000291452']) {
      expect(book.price({ gtin }, time(2))?.amount).toBe(90);
      expect(book.prices({ gtin }, time(2))).toHaveLength(2);
    }
    book.apply(price({ id: 'c', published: 3, fields: { gtin: '4006381333931' } }));
    expect(book.prices({ gtin: '036000291452' }, time(4))).toEqual([]);
    expect(book.price({ gtin: 'no gtin' }, time(4))).toBeUndefined();
  });
});

describe('times on the store’s clock', () => {
  const local = {
    ...offer('a', 0, null, 60),
    validUntil: null,
    validFromLocal: '2026-12-24T06:00',
    validUntilLocal: '2026-12-24T20:00',
  };

  it.each<[string, string, string]>([
    ['Asia/Tokyo', '2026-12-23T21:00:00Z', '2026-12-24T11:00:00Z'],
    ['Europe/Berlin', '2026-12-24T05:00:00Z', '2026-12-24T19:00:00Z'],
    ['America/New_York', '2026-12-24T11:00:00Z', '2026-12-25T01:00:00Z'],
  ])('are those of %s', (timeZone, from, until) => {
    const book = bookOf([local]);
    book.timeZone = timeZone;
    const holds = [Date.parse(from) - 1, Date.parse(from), Date.parse(until) - 1, Date.parse(until)];
    expect(holds.map(at => book.offers(at).length)).toEqual([0, 1, 1, 0]);
    expect(book.nextChange(time(0))).toBe(Date.parse(from));
    expect(book.changes(Date.parse(from), Date.parse(until))).toMatchObject([{ type: 'offer.ended' }]);
  });

  it('are judged anew when the store’s zone becomes known', () => {
    const book = bookOf([local]);
    expect(book.offers(Date.parse('2026-12-23T22:00:00Z'))).toHaveLength(0);
    book.timeZone = 'Asia/Tokyo';
    expect(book.offers(Date.parse('2026-12-23T22:00:00Z'))).toHaveLength(1);
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
  fc
    .record({
      published: fc.nat(5),
      from: fc.option(fc.nat(12)),
      length: fc.option(fc.integer({ min: 1, max: 6 })),
      amount: fc.nat(9),
      fields: fc.constantFrom({}, { priceType: 'promotional' }, { currency: 'CHF' }),
    })
    .map(({ length, ...draft }) => (id: string) => {
      const until = length === null ? null : (draft.from ?? draft.published) + length;
      return price({ id, ...draft, until });
    }),
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

interface View {
  prices: unknown[];
  offers: unknown[];
}

/** The contract's rules, word for word, over the whole history. */
function modelled(updates: readonly UpdateFrame[], now: number): View {
  const latest = (a: UpdateFrame, b: UpdateFrame): number =>
    a.publishedAt.localeCompare(b.publishedAt) || (a.id < b.id ? -1 : 1);
  const effective = ({ validFrom, publishedAt }: UpdateFrame): string =>
    validFrom !== null && validFrom > publishedAt ? validFrom : publishedAt;
  const inForce = updates.filter(
    ({ kind, validFrom, validUntil }) =>
      kind === 'price.changed' &&
      (validFrom === null || Date.parse(validFrom) <= now) &&
      (validUntil === null || now < Date.parse(validUntil)),
  );
  const keyOf = ({ data }: UpdateFrame): string => {
    const [{ currency, priceType }] = data.prices as [{ currency: string; priceType?: string }];
    return `${currency} ${priceType ?? 'regular'}`;
  };
  const prices = [...new Set(inForce.map(keyOf))]
    .map(key =>
      inForce
        .filter(update => keyOf(update) === key)
        .sort((a, b) => effective(a).localeCompare(effective(b)) || latest(a, b))
        .at(-1),
    )
    .map(update => update?.id)
    .sort();
  const event = updates
    .filter(u => u.kind !== 'price.changed')
    .sort(latest)
    .at(-1);
  const isActive =
    event?.validUntil &&
    (event.validFrom === null || Date.parse(event.validFrom) <= now) &&
    now < Date.parse(event.validUntil);
  return { prices, offers: isActive ? [event.id] : [] };
}

function observed(book: PriceBook, now: number): View {
  const ids = (entries: { updateId: string }[]) => entries.map(({ updateId }) => updateId).sort();
  return { prices: ids(book.prices('A', now)), offers: ids(book.offers(now)) };
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

describe('a withdrawal of prices', () => {
  const taken = (id: string, published: number) =>
    frame('price.withdrawn', id, published, null, null, { updates: ['b'], restored: [] });
  const both = [price({ id: 'a', published: 1 }), price({ id: 'b', published: 2 })];

  it.each([
    ['after', [...both, taken('w', 3)]],
    ['before', [taken('w', 3), ...both]],
  ])('holds where it comes %s the price that it takes back', (_, updates) => {
    expect(bookOf(updates).price('A', time(9))?.updateId).toBe('a');
  });

  it('is remembered over a restart', () => {
    const kept = new PriceBook(JSON.parse(JSON.stringify(bookOf([taken('w', 3)]).snapshot())));
    for (const update of both) kept.apply(update);
    expect(kept.price('A', time(9))?.updateId).toBe('a');
  });
});
