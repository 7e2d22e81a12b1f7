/**
 * Who an update is for, and how a store finds what concerns it. A channel is an ordered stream of updates:
 * `all`, `region/R`, `group/G`, `store/S`. A store listens to the channels that follow from its token.
 */
import * as v from 'valibot';
import { Name } from '../names.ts';

const NameList = v.optional(
  v.pipe(v.array(Name, 'must be a list'), v.maxLength(1000, 'must not name more than 1000')),
  [],
);

/** The union of what it names; the whole chain where an event leaves it out. */
export const Audience = v.pipe(
  v.strictObject({ regions: NameList, groups: NameList, stores: NameList }, 'must be an object'),
  v.check(
    audience => audience.regions.length + audience.groups.length + audience.stores.length > 0,
    'names nobody; leave it out to reach every store',
  ),
);

export type Audience = v.InferOutput<typeof Audience>;

/** What decides which updates concern a store. */
export interface StorePlacement {
  storeId: string;
  region: string | undefined;
  groups: readonly string[];
}

/** The channels that an update for this audience is published to; `undefined` is every store. */
export function audienceChannels(audience: Audience | undefined): string[] {
  if (audience === undefined) return ['all'];
  const channels = [
    ...audience.regions.map(region => `region/${region}`),
    ...audience.groups.map(group => `group/${group}`),
    ...audience.stores.map(store => `store/${store}`),
  ];
  return [...new Set(channels)];
}

/** Whom these channels reach; the inverse of `audienceChannels`. */
export function audienceOf(channels: readonly string[]): Audience | undefined {
  if (channels.includes('all')) return undefined;
  const named = (kind: string) =>
    channels.filter(name => name.startsWith(`${kind}/`)).map(name => name.slice(kind.length + 1));
  return { regions: named('region'), groups: named('group'), stores: named('store') };
}

/** The channels that a store listens to, each once: a token may name a group twice. */
export function storeChannels(store: StorePlacement): string[] {
  return [
    'all',
    ...(store.region === undefined ? [] : [`region/${store.region}`]),
    ...[...new Set(store.groups)].map(group => `group/${group}`),
    `store/${store.storeId}`,
  ];
}

/** The positions in a store's own channels. */
export function ownPositions(
  store: StorePlacement,
  positions: Record<string, number>,
): Record<string, number> {
  const channels = storeChannels(store);
  return Object.fromEntries(Object.entries(positions).filter(([channel]) => channels.includes(channel)));
}

/** Whether two name the same channels, with the same position in each. */
export function isSamePlace(one: Record<string, number>, other: Record<string, number>): boolean {
  const channels = Object.keys(one);
  return channels.length === Object.keys(other).length && channels.every(name => one[name] === other[name]);
}

/** Tells for one store after another whether an audience reaches it; `undefined` is every store. */
export function reachedBy(audience: Audience | undefined): (store: StorePlacement) => boolean {
  if (audience === undefined) return () => true;
  const regions = new Set(audience.regions);
  const groups = new Set(audience.groups);
  const stores = new Set(audience.stores);
  return store =>
    stores.has(store.storeId) ||
    (store.region !== undefined && regions.has(store.region)) ||
    store.groups.some(group => groups.has(group));
}
