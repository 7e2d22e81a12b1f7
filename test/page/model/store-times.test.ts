import { describe, expect, it } from 'vitest';
import type { Store } from '../../../domain/protocol/http-api.ts';
import { timesHere, timeThere } from '../../../page/format.ts';
import { termsOf } from '../../../page/model/describe-update.ts';
import { quantityWords } from '../../../page/model/offer-words.ts';
import { momentsOf, zonesOf } from '../../../page/model/store-times.ts';

const store = (storeId: string, region: string | null, timeZone?: string): Store => ({
  storeId,
  region,
  groups: [],
  connected: true,
  since: null,
  lastSeenAt: '2026-11-28T00:00:00.000Z',
  behind: 0,
  ...(timeZone === undefined ? {} : { timeZone }),
});
const stores = [
  store('1', 'east', 'America/New_York'),
  store('2', 'west', 'America/Los_Angeles'),
  store('3', 'west', 'Moon/Base'),
  store('4', null),
];

describe('a time on the stores’ clocks', () => {
  it('comes at the moments of the zones that the update reaches', () => {
    expect(zonesOf(stores, { audience: null })).toEqual(
      new Set(['America/New_York', 'America/Los_Angeles', 'UTC']),
    );
    const zones = zonesOf(stores, { audience: { regions: ['east', 'west'], groups: [], stores: [] } });
    expect(momentsOf('2026-12-01T06:00', 'start', zones)).toEqual({
      first: Date.parse('2026-12-01T11:00Z'),
      last: Date.parse('2026-12-01T14:00Z'),
    });
    expect(momentsOf('2026-12-01T06:00', 'start', [])).toBeUndefined();
  });

  it('is told by the reader’s clock, too, unless both read the same', () => {
    const local = '2026-12-01T06:00';
    const here = Date.parse(local);
    expect(timesHere({ first: here, last: here }, local, here)).toBeUndefined();
    expect(timesHere({ first: here, last: here + 3_600_000 }, local, here)).toMatch(/6:00.* to .*7:00/);
    const terms = termsOf(
      {
        update: { kind: 'offer.published', validFrom: null, validUntil: null, validFromLocal: local },
      } as unknown as Parameters<typeof termsOf>[0],
      { money: String, time: String, here: () => 'noon' },
    );
    expect(terms).toEqual(['Offer from 2026-12-01 06:00 in each store (here noon)']);
  });

  it('is told as the store’s clock reads it where that is another one', () => {
    const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(timeThere(0, here)).toBeUndefined();
    expect(timeThere(0, 'Moon/Base')).toBeUndefined();
    expect(timeThere(Date.parse('2026-12-01T06:00'), 'Pacific/Kiritimati')).toMatch(/\d\d:\d\d/);
  });
});

it.each([
  [12.482, 'KGM', /^12[.,]482 kg$/],
  [0.5, 'LTR', /^0[.,]5 l$/],
  [1, 'C62', /^1 piece$/],
  [-3, 'C62', /^-3 pieces$/],
  [2, 'CMT', /^2 CMT$/],
])('%d of %s is told as %s', (quantity, unit, words) => {
  expect(quantityWords(quantity, unit)).toMatch(words);
});
