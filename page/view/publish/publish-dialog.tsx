/** Publishes a price or an offer. Before that, it says whom it reaches, and what the chain would refuse. */
import { useId, useState } from 'preact/hooks';
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { Audience } from '../../../domain/updates/channels.ts';
import { reachOf } from '../../../domain/updates/reach.ts';
import { plural } from '../../format.ts';
import { emptyOffer, type OfferDraft } from '../../model/offer-draft.ts';
import {
  type AudienceDraft,
  type DraftedAudience,
  draftedAudience,
  offerPublication,
  type Publication,
  pricePublication,
  toAudience,
} from '../../model/publication.ts';
import { Modal } from '../modal.tsx';
import type { Chain } from '../use-chain.ts';
import { AudienceFields } from './audience-fields.tsx';
import { OfferFields } from './offer-fields.tsx';
import { OfferPreview } from './offer-preview.tsx';
import { emptyPrices, PriceFields } from './price-fields.tsx';
import { ReachPreview } from './reach-preview.tsx';
import { usePublish } from './use-publish.ts';

export interface PublishDialogProps {
  kind: 'price' | 'offer';
  chain: Chain;
  currency: string;
  close: () => void;
  published: (updateId: string, words: string) => void;
}

const EVERYONE: AudienceDraft = { everyone: true, regions: [], groups: [], stores: '' };

export function PublishDialog({ kind, chain, currency, close, published }: PublishDialogProps) {
  const [prices, setPrices] = useState(() => emptyPrices(currency));
  const [offer, setOffer] = useState(() => emptyOffer(currency));
  const [draft, setDraft] = useState(EVERYONE);
  const { busy, failure, publish } = usePublish(chain.api, published);
  const id = useId();
  const { stores } = chain.model;
  const audience = draftedAudience(draft);
  const publication = () => toPublication(kind, prices, offer, toAudience(draft), chain.now());
  return (
    <Modal title={kind === 'price' ? 'Change prices' : 'Publish an offer'} close={close}>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          void publish(publication, saidOf(kind, audience, stores));
        }}
      >
        {kind === 'price' ? (
          <PriceFields draft={prices} change={setPrices} now={chain.now()} />
        ) : (
          <OfferFields draft={offer} change={setOffer} now={chain.now()} />
        )}
        <AudienceFields draft={draft} change={setDraft} stores={stores} />
        {kind === 'offer' && (
          <OfferPreview publication={() => offerPublication(offer, undefined, chain.now())} />
        )}
        <ReachPreview audience={audience} model={chain.model} />
        <p class="refusal" role="alert" id={id}>
          {failure}
        </p>
        <div class="actions">
          <button type="submit" class="primary" disabled={busy} aria-describedby={id}>
            {busy
              ? 'Publishing…'
              : audience === 'nobody'
                ? 'Publish'
                : `Publish to ${target(audience, stores)}`}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  );
}

function toPublication(
  kind: 'price' | 'offer',
  prices: ReturnType<typeof emptyPrices>,
  offer: OfferDraft,
  audience: Audience | undefined,
  now: number,
): Publication {
  return kind === 'price' ? pricePublication(prices, audience, now) : offerPublication(offer, audience, now);
}

function target(audience: Audience | undefined, stores: readonly Store[]): string {
  if (audience === undefined) return 'every store';
  const reach = reachOf(audience, stores);
  return plural(reach.stores + reach.unknown.length, 'store');
}

function saidOf(kind: 'price' | 'offer', audience: DraftedAudience, stores: readonly Store[]): string {
  const what = kind === 'price' ? 'The prices are' : 'The offer is';
  return `${what} published and on the way to ${audience === 'nobody' ? 'nobody' : target(audience, stores)}.`;
}
