/**
 * What sums are rolled up by: region and store, region and SKU, region and minute. A key is `north@MILK`, or `@MILK` for
 * stores of no region; names hold no `@`. So every grouping can be told of one region alone, and of all of them.
 */
import type { Grouping } from '../../domain/sales/sales-sums.ts';

export const ROLLED_UP_BY = ['store', 'sku', 'minute'] as const;
export type RolledUpBy = (typeof ROLLED_UP_BY)[number];

/** The same of how lines compare with listed prices. */
export const AUDITED_BY = ['store', 'sku'] as const;
export type AuditedBy = (typeof AUDITED_BY)[number];

/** What an hour has pieces of. */
export type PieceKind = RolledUpBy | `${AuditedBy}Audit`;

/** What totals are asked for. */
export interface Cut {
  by: Grouping;
  /** Only what this store sold. */
  store?: string | undefined;
  /** Only what stores of this region sold. */
  region?: string | undefined;
}

/** The key that a regional key counts for; undefined: for none. */
export type KeyOf = (regionalKey: string) => string | undefined;

export function regionalKey(region: string | undefined, key: string): string {
  return `${region ?? ''}@${key}`;
}

/** The store of a regional key by store. */
export function storeIn(regionalKey: string): string {
  return regionalKey.slice(regionalKey.indexOf('@') + 1);
}

/** Which of the sums tell a grouping: a region's are those of its stores. */
export function sumsFor(by: Grouping): RolledUpBy {
  return by === 'region' ? 'store' : by;
}

/** Whether only the store's own minutes tell this cut: sums of SKUs and of minutes are of all stores together. */
export function isReadByStore(cut: Cut): cut is Cut & { store: string } {
  return cut.store !== undefined && sumsFor(cut.by) !== 'store';
}

/** @param cut its store is left to the caller where the keys name none */
export function keysOf({ by, region, store }: Cut): KeyOf {
  const namesStore = sumsFor(by) === 'store';
  return key => {
    const at = key.indexOf('@');
    const [own, rest] = [key.slice(0, at), key.slice(at + 1)];
    if (region !== undefined && own !== region) return undefined;
    if (namesStore && store !== undefined && rest !== store) return undefined;
    return by === 'region' ? own : rest;
  };
}
