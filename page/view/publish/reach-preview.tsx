/** Whom a publication reaches, counted before it is sent. */
import type { Store } from '../../../domain/protocol/http-api.ts';
import { reachOf } from '../../../domain/updates/reach.ts';
import { plural } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import type { DraftedAudience } from '../../model/publication.ts';

export interface ReachPreviewProps {
  audience: DraftedAudience;
  model: Model;
}

export function ReachPreview({ audience, model: { stores, storesLoaded } }: ReachPreviewProps) {
  return (
    <p class="reach" role="status">
      {storesLoaded ? words(audience, stores) : 'Counting the stores…'}
    </p>
  );
}

function words(audience: DraftedAudience, stores: readonly Store[]) {
  if (audience === 'nobody') return 'It reaches nobody yet: choose a region, a group or a store.';
  const reach = reachOf(audience, stores);
  const offline = reach.stores - reach.connected;
  return (
    <>
      Reaches <b>{plural(reach.stores, 'store')}</b>: {reach.connected} now
      {offline > 0 && `, ${offline} as soon as connected again`}.
      {reach.unknown.length > 0 &&
        ` Never seen yet, and reached once connected: ${reach.unknown.slice(0, 5).join(', ')}${reach.unknown.length > 5 ? ', …' : ''}.`}
    </>
  );
}
