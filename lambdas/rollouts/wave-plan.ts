/** The waves of a rollout: who gets each, in updates of which ids. The same for whoever asks, whatever became of the roster since. */
import { createHash } from 'node:crypto';
import type { RolloutPlan } from '../../domain/updates/rollout-plan.ts';
import type { Update } from '../../domain/updates/update.ts';
import { storesOfWaves } from '../../domain/updates/wave-stores.ts';
import { partsOf, waveUpdate } from '../../domain/updates/wave-updates.ts';
import { type Fleet, targetsOf } from '../receipts/delivery-report.ts';
import { derivedId } from '../updates/update-ids.ts';
import type { RolloutContent, RolloutWave } from './rollout-items.ts';

/** Every store that the update will reach: those that its report does not count, since they came after it, too. */
export function audienceStores(update: Update, fleet: Fleet, now: number): string[] {
  return targetsOf({ ...update, publishedAt: new Date(now).toISOString() }, fleet);
}

/** Chooses the stores of every wave but the last: by wave, and by update. @param audience all of them */
export function chooseStores(
  update: Update,
  { waves }: RolloutPlan,
  audience: readonly string[],
  fleet: Fleet,
): string[][][] {
  const byId = new Map(fleet.stores.map(store => [store.storeId, store]));
  const candidates = audience.map(storeId => ({
    ...(byId.get(storeId) ?? { storeId, region: undefined, groups: [] }),
    isConnected: fleet.connected.has(storeId),
    order: createHash('sha256').update(`${update.id}/${storeId}`).digest('hex'),
  }));
  return storesOfWaves(waves, candidates).map(stores => partsOf(waveUpdate(update, update.id), stores));
}

/** @param audience how many stores it has */
export function plannedWaves(
  { update }: RolloutContent,
  stores: string[][][],
  audience: number,
): RolloutWave[] {
  const named = stores.map((parts, index) => ({
    updateIds: parts.map((_, part) => updateIdOf(update.id, index + 1, part)),
    targeted: parts.flat().length,
  }));
  return [...named, { updateIds: [updateIdOf(update.id, stores.length + 1, 0)], targeted: audience }];
}

/** The updates of one wave. @param number from 1 on */
export function waveUpdates({ stores = [], update }: RolloutContent, number: number): Update[] {
  const parts = stores[number - 1];
  if (parts === undefined) return [waveUpdate(update, updateIdOf(update.id, number, 0))];
  return parts.map((some, part) => waveUpdate(update, updateIdOf(update.id, number, part), some));
}

export function withdrawalIdOf(rolloutId: string, number: number): string {
  return derivedId(rolloutId, `back${number}`);
}

function updateIdOf(rolloutId: string, wave: number, part: number): string {
  return derivedId(rolloutId, `wave${wave}${part === 0 ? '' : `.${part + 1}`}`);
}
