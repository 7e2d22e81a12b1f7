/** Prices or an offer, in two steps: the form, whose button checks it, and what was checked, whose button publishes it. */
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import type { Audience } from '../../../domain/updates/channels.ts';
import {
  type AudienceDraft,
  draftedAudience,
  NOBODY_YET,
  toAudience,
  unknownIds,
} from '../../drafts/audience-draft.ts';
import type { CheckedPrice } from '../../drafts/checked-price.ts';
import { DraftError, type Problem, readBoth } from '../../drafts/draft-fields.ts';
import { listPublications, readListDraft } from '../../drafts/list-draft.ts';
import { emptyOffer } from '../../drafts/offer-draft.ts';
import {
  offerPublication,
  type Publication,
  pricePublication,
  reachOfAll,
} from '../../drafts/publication.ts';
import { outcomeOf, type Published } from '../../drafts/publish-outcome.ts';
import { AT_ONE_GO, rolloutOf } from '../../drafts/waves-draft.ts';
import { plural } from '../../format.ts';
import { AudienceFields } from '../fields/audience-fields.tsx';
import { Problems } from '../fields/field.tsx';
import { WavesFields } from '../fields/waves-fields.tsx';
import { Modal } from '../modal.tsx';
import { ReachPreview } from '../review/reach-preview.tsx';
import { Review } from '../review/review.tsx';
import type { Chain } from '../use-chain.ts';
import { OfferFields } from './offer-fields.tsx';
import { OfferPreview } from './offer-preview.tsx';
import { emptyPrices, PriceFields } from './price-fields.tsx';
import { usePublish } from './use-publish.ts';

export interface PublishDialogProps {
  kind: 'price' | 'offer';
  chain: Chain;
  currency: string;
  close: () => void;
  published: (published: Published) => void;
}

export function PublishDialog({ kind, chain, currency, close, published }: PublishDialogProps) {
  const [prices, setPrices] = useState(() => emptyPrices(currency));
  const [offer, setOffer] = useState(() => emptyOffer(currency));
  const [listText, setListText] = useState('');
  const [audience, setAudience] = useState<AudienceDraft>(NOBODY_YET);
  const [waves, setWaves] = useState(AT_ONE_GO);
  const blank = useRef({ prices, offer, audience, waves });
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [isSubmitted, setSubmitted] = useState(false);
  const [checked, setChecked] = useState<readonly Publication[]>();
  const [refusals, countRefusal] = useReducer((count: number, _: undefined) => count + 1, 0);
  const wasChecked = useRef(false);
  const before = useRef<readonly CheckedPrice[][]>([]);
  const form = useRef<HTMLFormElement>(null);
  const { stores, storesLoaded } = chain.model;
  const { busy, failure, publish } = usePublish(chain, answers => {
    const reached = plural(reachOfAll(checked ?? [], stores), 'store');
    published(outcomeOf(checked ?? [], before.current, answers, reached));
  });
  const list = useMemo(
    () => (listText.trim() === '' ? undefined : readListDraft(listText, prices, stores)),
    [listText, prices.currency, prices.priceType, stores.length],
  );
  useEffect(() => showFirstProblem(form.current), [refusals]);
  useEffect(() => {
    if (checked === undefined && wasChecked.current)
      form.current?.querySelector<HTMLElement>('[type=submit]')?.focus();
    wasChecked.current = checked !== undefined;
  }, [checked]);
  const drafted = (whom: Audience | undefined, now: number): Publication[] => {
    if (list !== undefined) return listPublications(list, whom, prices, now);
    return [kind === 'price' ? pricePublication(prices, whom, now) : offerPublication(offer, whom, now)];
  };
  const staged = ({ type, detail }: Publication) => ({ type, detail: { ...detail, ...rolloutOf(waves) } });
  const check = () => {
    try {
      const now = chain.now();
      const [whom] = readBoth(
        () => (list?.namesAudiences ? undefined : toAudience(audience, stores)),
        () => drafted(undefined, now),
      );
      setChecked(drafted(whom, now).map(staged));
      setProblems([]);
    } catch (error) {
      if (!(error instanceof DraftError)) throw error;
      setProblems(error.problems);
      countRefusal(undefined);
    }
  };
  useEffect(() => {
    // Before the stores are known, no id can be told from a misspelt one.
    if (!isSubmitted || !storesLoaded) return;
    setSubmitted(false);
    check();
  }, [isSubmitted, storesLoaded]);
  const mended = (name: string) =>
    setProblems(known =>
      known.some(({ field }) => field === name) ? known.filter(({ field }) => field !== name) : known,
    );
  const isFilled =
    prices !== blank.current.prices ||
    offer !== blank.current.offer ||
    audience !== blank.current.audience ||
    waves !== blank.current.waves ||
    listText !== '';
  const whole = problems.filter(({ field }) => field === undefined);
  return (
    <Modal title={kind === 'price' ? 'Change prices' : 'Publish an offer'} close={close} isFilled={isFilled}>
      <form
        noValidate
        ref={form}
        hidden={checked !== undefined}
        onInput={event => mended((event.target as HTMLInputElement).name)}
        onSubmit={event => {
          event.preventDefault();
          setSubmitted(true);
        }}
      >
        <Problems.Provider value={problems}>
          {kind === 'price' ? (
            <PriceFields
              draft={prices}
              change={setPrices}
              now={chain.now()}
              listText={listText}
              list={list}
              changeList={setListText}
            />
          ) : (
            <OfferFields draft={offer} change={setOffer} now={chain.now()} />
          )}
          {list?.namesAudiences ? (
            <p>The list says for whom each price is.</p>
          ) : (
            <AudienceFields
              draft={audience}
              change={next => {
                setAudience(next);
                mended('whom');
              }}
              stores={stores}
            />
          )}
        </Problems.Provider>
        <WavesFields draft={waves} change={setWaves} />
        {kind === 'offer' && (
          <OfferPreview publication={() => offerPublication(offer, undefined, chain.now())} />
        )}
        {!list?.namesAudiences && (
          <ReachPreview audience={draftedAudience(audience, stores)} model={chain.model} />
        )}
        <p class="refusal" role="alert">
          {whole.map(({ message }) => message).join(' ')}
        </p>
        <div class="actions">
          <button type="submit" class="primary">
            Check…
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
      {checked !== undefined && (
        <Review
          chain={chain}
          publications={checked}
          leftOut={unknownIds(audience, stores).filter(id => !audience.ticked.includes(id))}
          busy={busy}
          failure={failure}
          publish={pricesBefore => {
            before.current = pricesBefore;
            void publish(checked);
          }}
          back={{ label: 'Back', go: () => setChecked(undefined) }}
        />
      )}
    </Modal>
  );
}

/** Takes whoever writes to what is wrong, also where it is folded away. */
function showFirstProblem(form: HTMLFormElement | null): void {
  const field = form?.querySelector<HTMLElement>('[aria-invalid=true]');
  const folded = field?.closest('details') ?? null;
  if (folded !== null) folded.open = true;
  field?.focus();
}
