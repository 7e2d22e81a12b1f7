/**
 * Where a store is. What the chain has said of it holds, field by field, else what its token says (decision 026). The
 * chain's word is kept with the store's item and counted: of two that write the entry of its line, the newer wins.
 */
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import type { PlacementChange } from '../../domain/protocol/http-bodies.ts';
import { type Expression, expression, join } from '../aws/expression.ts';
import { type StoreItem, store } from './store-items.ts';

/** A store on the line, where it is now. */
export type PlacedStore = StoreIdentity & {
  /** How often the chain has placed it; undefined where it never has. */
  placementVersion?: number | undefined;
  /** Its book is known to be another one than it should be. */
  isAdrift?: boolean | undefined;
};

const { name, placedGroups, placedRegion, placedTimeZone, placementVersion } = store.attributes;
const attributes = {
  region: placedRegion,
  groups: placedGroups,
  timeZone: placedTimeZone,
  name,
} as const satisfies Record<keyof PlacementChange, unknown>;

/** @param identity as its token says */
export function placed<I extends Omit<StoreIdentity, 'role'>>(known: StoreItem | undefined, identity: I) {
  const region = known?.placedRegion ?? identity.region;
  const groups = known?.placedGroups ?? identity.groups;
  const timeZone = known?.placedTimeZone ?? identity.timeZone;
  return { ...identity, region, groups, timeZone, placementVersion: known?.placementVersion };
}

/** The zone of a store's local times: a till that was told another one before needs to hear of UTC, too. */
export function timeZoneOf({ timeZone = 'UTC' }: PlacedStore): string {
  return timeZone;
}

/** What it makes of a store's item; a field that is null falls back to the token's. */
export function placementExpression(wanted: PlacementChange): Expression {
  const one = placementVersion.value(1);
  const sets = [
    expression`${placementVersion} = if_not_exists(${placementVersion}, ${placementVersion.value(0)}) + ${one}`,
  ];
  const removes: Expression[] = [];
  for (const [field, attribute] of Object.entries(attributes)) {
    const value = wanted[field as keyof PlacementChange];
    if (value === null) removes.push(expression`${attribute}`);
    else if (value !== undefined) sets.push(expression`${attribute} = ${attribute.value(value as never)}`);
  }
  const set = expression`SET ${join(sets, ', ')}`;
  return removes.length === 0 ? set : expression`${set} REMOVE ${join(removes, ', ')}`;
}

/** All that the chain has said of a store. */
export const placedAttributes = [...Object.values(attributes), placementVersion];
