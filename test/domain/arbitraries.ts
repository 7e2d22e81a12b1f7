/** Arbitrary names and identities, for properties that hold for all of them. */
import fc from 'fast-check';
import type { Identity } from '../../domain/identity/identity.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';

/** Few and short ones besides all others, so that two of them are often the same. */
export const names = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
);

export const placements: fc.Arbitrary<StorePlacement> = fc.record(
  {
    storeId: names,
    region: fc.option(names, { nil: undefined }),
    groups: fc.array(names, { maxLength: 5 }),
  },
  { noNullPrototype: true },
);

export const identities: fc.Arbitrary<Identity> = fc.oneof(
  placements.map(placement => ({ role: 'store' as const, ...placement })),
  placements.map(placement => ({ role: 'store' as const, ...placement, timeZone: 'Europe/Berlin' })),
  fc
    .tuple(fc.constantFrom('manager' as const, 'publisher' as const), names)
    .map(([role, name]) => ({ role, name })),
);
