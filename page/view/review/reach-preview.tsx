/** Whom a publication reaches, counted before it is sent. */
import type { Store } from '../../../domain/protocol/http-api.ts';
import { reachOf } from '../../../domain/updates/reach.ts';
import type { DraftedAudience } from '../../drafts/audience-draft.ts';
import { number, plural } from '../../format.ts';
import type { Model } from '../../model/model.ts';

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

const IDS_NAMED = 5;

function words(audience: DraftedAudience, stores: readonly Store[]) {
  if (audience === 'nobody') return 'It reaches nobody yet: choose for whom it is.';
  const { stores: seen, connected, unknown } = reachOf(audience, stores);
  const offline = seen - connected;
  const named = [...unknown.slice(0, IDS_NAMED), ...(unknown.length > IDS_NAMED ? ['…'] : [])].join(', ');
  const parts = [
    `${number(connected)} now`,
    ...(offline > 0 ? [`${number(offline)} as soon as connected again`] : []),
    ...(unknown.length > 0 ? [`${number(unknown.length)} once connected for the first time (${named})`] : []),
  ];
  return (
    <>
      Reaches <b>{plural(seen + unknown.length, 'store')}</b>: {parts.join(', ')}.
    </>
  );
}
