/** Whom a publication reaches, counted before it is sent. */
import { plural } from '../format.ts';
import type { Store } from '../model/answers.ts';
import { reachOf } from '../model/publication.ts';
import type { DraftedAudience } from './publish-dialog.tsx';

export function ReachPreview({ audience, stores }: { audience: DraftedAudience; stores: readonly Store[] }) {
  return (
    <p class="reach" role="status">
      {audience === 'nobody'
        ? 'It reaches nobody yet: choose a region, a group or a store.'
        : words(audience, stores)}
    </p>
  );
}

function words(audience: Exclude<DraftedAudience, 'nobody'>, stores: readonly Store[]) {
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
