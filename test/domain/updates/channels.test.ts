import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Audience, audienceChannels, storeChannels } from '../../../domain/updates/channels.ts';
import { names, placements } from '../arbitraries.ts';

describe('the channels of an audience', () => {
  it('are the one of every store where an event names nobody', () => {
    expect(audienceChannels(undefined)).toEqual(['all']);
  });

  it('are the union of what it names, each once', () => {
    const audience = { regions: ['north', 'south'], groups: ['city', 'city'], stores: ['north'] };
    expect(audienceChannels(audience)).toEqual(['region/north', 'region/south', 'group/city', 'store/north']);
  });
});

describe('the channels of a store', () => {
  it('follow from its token', () => {
    expect(storeChannels({ storeId: 's1', region: 'north', groups: ['city', 'pilot'] })).toEqual([
      'all',
      'region/north',
      'group/city',
      'group/pilot',
      'store/s1',
    ]);
  });

  it('are two for a store without region and groups', () => {
    expect(storeChannels({ storeId: 's1', region: undefined, groups: [] })).toEqual(['all', 'store/s1']);
  });

  it('meet those of an audience exactly if it names the store, its region or one of its groups', () => {
    const lists = fc.array(names, { maxLength: 4 });
    const audiences: fc.Arbitrary<Audience> = fc.record({ regions: lists, groups: lists, stores: lists });
    fc.assert(
      fc.property(audiences, placements, (audience, store) => {
        const named =
          audience.stores.includes(store.storeId) ||
          (store.region !== undefined && audience.regions.includes(store.region)) ||
          audience.groups.some(group => store.groups.includes(group));
        const own = new Set(storeChannels(store));
        expect(audienceChannels(audience).some(channel => own.has(channel))).toBe(named);
      }),
    );
  });
});
