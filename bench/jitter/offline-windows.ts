/** When each store's line is cut: drawn from a seed, so that every peer goes through the same. */
import { createHash } from 'node:crypto';

export const OFFLINE_MS = 2_000;
const SEED = 'jitter 1';
/** A line lives for 15 s on the average; its first cut comes at any time within these. */
const LIFE_MS = { least: 10_000, most: 20_000 };

/** @returns when the line of a store is cut, in milliseconds from the first update, each for `OFFLINE_MS` */
export function cutsOf(store: number, durationMs: number): number[] {
  const cuts: number[] = [];
  let at = share(store, 0) * LIFE_MS.most;
  while (at < durationMs) {
    cuts.push(at);
    at += OFFLINE_MS + LIFE_MS.least + share(store, cuts.length) * (LIFE_MS.most - LIFE_MS.least);
  }
  return cuts;
}

/** From 0 up to, but not including, 1. */
function share(store: number, turn: number): number {
  return createHash('sha256').update(`${SEED} ${store} ${turn}`).digest().readUInt32BE() / 2 ** 32;
}
