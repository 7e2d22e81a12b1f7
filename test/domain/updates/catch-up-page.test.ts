import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChannelEntry, type ChannelRun, fillPage } from '../../../domain/updates/catch-up-page.ts';
import type { Positions, UpdateFrame } from '../../../domain/updates/update.ts';

const now = Date.parse('2026-12-01T08:00:00.000Z');

interface Chain {
  /** In the order of publishing; each has its position in all of its channels. */
  updates: UpdateFrame[];
  own: string[];
  /** Where the store stands. */
  start: Positions;
}

/** What a store asks about: its own channels, one in which it isn't, and updates in several of them. */
const chains: fc.Arbitrary<Chain> = fc
  .record({
    own: fc.subarray(['all', 'region/north', 'group/city', 'store/s1'], { minLength: 1 }),
    published: fc.array(
      fc.record({
        channels: fc.subarray(['all', 'region/north', 'group/city', 'store/s1', 'region/south'], {
          minLength: 1,
        }),
        end: fc.constantFrom(null, now - 1, now, now + 1),
        size: fc.integer({ min: 0, max: 400 }),
      }),
      { maxLength: 25 },
    ),
    start: fc.dictionary(
      fc.constantFrom('all', 'region/north', 'group/city'),
      fc.integer({ min: 0, max: 8 }),
      {
        noNullPrototype: true,
      },
    ),
  })
  .map(({ own, published, start }) => {
    const newest: Positions = {};
    const updates = published.map(({ channels, end, size }, index) => {
      for (const channel of channels) newest[channel] = (newest[channel] ?? 0) + 1;
      const positions = Object.fromEntries(channels.map(channel => [channel, newest[channel] ?? 0]));
      return frame(`u${index}`, positions, end, 'x'.repeat(size));
    });
    const held = own.map(channel => [channel, Math.min(start[channel] ?? 0, newest[channel] ?? 0)] as const);
    return { updates, own, start: Object.fromEntries(held) };
  });

function frame(id: string, positions: Positions, end: number | null, text = ''): UpdateFrame {
  return {
    type: 'update',
    id,
    kind: 'offer.published',
    positions,
    publishedAt: new Date(now - 3_600_000).toISOString(),
    validFrom: null,
    validUntil: end === null ? null : new Date(end).toISOString(),
    data: { text },
  };
}

/** What the log answers for one channel: a slice of so many entries. */
function runOf({ updates }: Chain, channel: string, position: number, slice: number): ChannelRun {
  const past = updates
    .filter(update => (update.positions[channel] ?? 0) > position)
    .map((update): ChannelEntry => ({ position: update.positions[channel] ?? 0, update }));
  const entries = past.slice(0, slice);
  return { entries, hasMore: past.length > slice, end: entries.at(-1)?.position ?? position };
}

function pagesOf(chain: Chain, budget: number, slice: number) {
  const pages: { before: Positions; page: ReturnType<typeof fillPage> }[] = [];
  let positions = chain.start;
  for (;;) {
    const runs = new Map(
      chain.own.map(channel => [channel, runOf(chain, channel, positions[channel] ?? 0, slice)]),
    );
    const page = fillPage(runs, positions, budget, now);
    pages.push({ before: positions, page });
    if (!page.more) return pages;
    // Each page passes an entry at least.
    if (pages.length > 1 + chain.updates.length * chain.own.length) throw new Error('it never ends');
    positions = page.positions;
  }
}

/** The definition, word for word: no own channel has passed it, and it is still valid. */
function missedBy({ updates, own, start }: Chain): UpdateFrame[] {
  return updates.filter(({ positions, validUntil }) => {
    const held = own.filter(channel => positions[channel] !== undefined);
    const isPassed = held.some(channel => (positions[channel] ?? 0) <= (start[channel] ?? 0));
    return held.length > 0 && !isPassed && (validUntil === null || Date.parse(validUntil) > now);
  });
}

const sizeOf = (updates: readonly UpdateFrame[]) =>
  updates.reduce((sum, update) => sum + Buffer.byteLength(JSON.stringify(update)) + 1, 0);
const ids = (updates: readonly UpdateFrame[]) => updates.map(({ id }) => id);

describe('all pages of a catch-up together', () => {
  const budgets = fc.integer({ min: 1, max: 3_000 });
  const slices = fc.integer({ min: 1, max: 8 });
  const whatever = (check: (chain: Chain, pages: ReturnType<typeof pagesOf>, budget: number) => void) =>
    fc.assert(
      fc.property(chains, budgets, slices, (chain, budget, slice) =>
        check(chain, pagesOf(chain, budget, slice), budget),
      ),
      { numRuns: 2_000 },
    );

  it('hold exactly what was missed, each once', () => {
    whatever((chain, pages) => {
      const sent = pages.flatMap(({ page }) => ids(page.updates));
      expect(sent.sort()).toEqual(ids(missedBy(chain)).sort());
    });
  });

  it('hold nothing that an own channel has passed', () => {
    whatever((chain, pages) => {
      for (const { before, page } of pages) {
        for (const { positions } of page.updates) {
          for (const channel of chain.own) {
            expect(positions[channel] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(before[channel] ?? 0);
          }
        }
      }
    });
  });

  it('keep the order of each channel through which they came', () => {
    whatever((chain, pages) => {
      for (const channel of chain.own) {
        // What came by another channel first may stand anywhere in this one.
        const alone = pages
          .flatMap(({ page }) => page.updates)
          .filter(({ positions }) => chain.own.every(other => other === channel || !(other in positions)))
          .flatMap(({ positions }) => positions[channel] ?? []);
        expect(alone).toEqual([...alone].sort((a, b) => a - b));
      }
    });
  });

  it('fit the budget, unless a page holds one update alone', () => {
    whatever((_, pages, budget) => {
      for (const { page } of pages) {
        if (page.updates.length > 1) expect(sizeOf(page.updates)).toBeLessThanOrEqual(budget);
      }
    });
  });

  it('never go back, name every own channel, and end at its newest', () => {
    whatever((chain, pages) => {
      for (const { before, page } of pages) {
        expect(Object.keys(page.positions).sort()).toEqual([...chain.own].sort());
        for (const channel of chain.own)
          expect(page.positions[channel]).toBeGreaterThanOrEqual(before[channel] ?? 0);
      }
      for (const channel of chain.own) {
        const newest = chain.updates.reduce(
          (last, { positions }) => Math.max(last, positions[channel] ?? 0),
          0,
        );
        expect(pages.at(-1)?.page.positions[channel]).toBe(newest);
      }
    });
  });

  it('bring a store that stops after any page and comes back to the same', () => {
    whatever((chain, pages) => {
      for (const [index, { page }] of pages.entries()) {
        const rest = missedBy({ ...chain, start: page.positions });
        const left = pages.slice(index + 1).flatMap(later => ids(later.page.updates));
        expect(left.sort()).toEqual(ids(rest).sort());
      }
    });
  });
});

describe('a page', () => {
  const entry = (update: UpdateFrame, channel: string): ChannelEntry => ({
    position: update.positions[channel] ?? 0,
    update,
  });
  const run = (channel: string, updates: UpdateFrame[], hasMore = false): [string, ChannelRun] => [
    channel,
    {
      entries: updates.map(update => entry(update, channel)),
      hasMore,
      end: updates.at(-1)?.positions[channel] ?? 0,
    },
  ];

  it('passes what is over without sending it', () => {
    const runs = new Map([run('all', [frame('over', { all: 1 }, now), frame('valid', { all: 2 }, now + 1)])]);
    expect(fillPage(runs, {}, 1_000, now)).toMatchObject({
      updates: [{ id: 'valid' }],
      positions: { all: 2 },
      more: false,
    });
  });

  it('holds one update that is larger than its budget, and asks for the next', () => {
    const large = frame('large', { all: 1 }, null, 'x'.repeat(500));
    const runs = new Map([run('all', [large, frame('next', { all: 2 }, null)])]);
    expect(fillPage(runs, {}, 1, now)).toEqual({ updates: [large], positions: { all: 1 }, more: true });
  });

  it('counts bytes, not characters', () => {
    const two = [
      frame('a', { all: 1 }, null, '€'.repeat(100)),
      frame('b', { all: 2 }, null, '€'.repeat(100)),
    ];
    const runs = new Map([run('all', two)]);
    expect(fillPage(runs, {}, sizeOf(two), now).updates).toHaveLength(2);
    expect(fillPage(runs, {}, sizeOf(two) - 1, now).updates).toHaveLength(1);
  });

  it('asks for more where more is there than was read, even if nothing of it can be sent', () => {
    const runs = new Map([run('all', [frame('over', { all: 1 }, now)], true)]);
    expect(fillPage(runs, {}, 1_000, now)).toEqual({ updates: [], positions: { all: 1 }, more: true });
  });

  it('reaches the end of a channel whose last entries are gone', () => {
    const runs = new Map([['all', { entries: [], hasMore: false, end: 7 }]]);
    expect(fillPage(runs, { all: 3 }, 1_000, now)).toEqual({
      updates: [],
      positions: { all: 7 },
      more: false,
    });
  });
});
