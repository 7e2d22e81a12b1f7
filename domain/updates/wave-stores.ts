/** Which stores get which wave of a rollout. */
import type { StorePlacement } from './channels.ts';
import type { Wave } from './rollout-plan.ts';

/** A store of the audience, and its place in the order in which waves take stores. */
export interface WaveStore extends StorePlacement {
  /** A store without a line can't tell a wave anything: it comes after all that have one. */
  isConnected: boolean;
  /** Differs from rollout to rollout, so that it is not always the same stores that come first. */
  order: string;
}

/**
 * The stores of each wave but the last, which is for the audience itself. What `stores` and `percent` say is how many have
 * the update once the wave is out, so a wave takes what is missing to it; none is in two waves.
 */
export function storesOfWaves(waves: readonly Wave[], audience: readonly WaveStore[]): string[][] {
  const left = [...audience].sort(inOrder);
  let taken = 0;
  return waves.slice(0, -1).map(wave => {
    const isWanted = choiceOf(wave, taken, audience.length);
    const chosen = new Set(left.filter(isWanted));
    taken += chosen.size;
    left.splice(0, left.length, ...left.filter(store => !chosen.has(store)));
    // In the order of their names they take the least room.
    return [...chosen].map(({ storeId }) => storeId).sort();
  });
}

function choiceOf(wave: Wave, taken: number, whole: number): (store: WaveStore, index: number) => boolean {
  if ('groups' in wave) return store => store.groups.some(group => wave.groups.includes(group));
  const wanted = 'stores' in wave ? wave.stores : Math.ceil((wave.percent * whole) / 100);
  return (_store, index) => index < wanted - taken;
}

function inOrder(a: WaveStore, b: WaveStore): number {
  if (a.isConnected !== b.isConnected) return a.isConnected ? -1 : 1;
  return a.order < b.order ? -1 : 1;
}
