/** The way back from prices that were published here: what was published is taken back, as if it had never been. */
import { useId } from 'preact/hooks';
import { audiencesOf, reachOfAll } from '../../drafts/publication.ts';
import { type Published, saidOf } from '../../drafts/publish-outcome.ts';
import { type PutBack, withdrawalsOf } from '../../drafts/put-back.ts';
import { plural } from '../../format.ts';
import { Modal } from '../modal.tsx';
import { PriceReview } from '../review/price-review.tsx';
import { ReachPreview } from '../review/reach-preview.tsx';
import type { Chain } from '../use-chain.ts';
import { takeBackWaves, untilKnown } from './put-back-calls.ts';
import { usePublish } from './use-publish.ts';

export interface PutBackDialogProps {
  chain: Chain;
  back: PutBack;
  close: () => void;
  published: (published: Published) => void;
}

export function PutBackDialog({ chain, back, close, published }: PutBackDialogProps) {
  const { ids, inWaves, prices, publications } = back;
  const stores = plural(reachOfAll(publications, chain.model.stores), 'store');
  const { attempt, busy, failure, publish } = usePublish(chain, answers => {
    const words = saidOf(answers, `The old prices are on the way back to ${stores}.`);
    const isOut = answers.every(({ state }) => state !== 'waiting');
    published({ answers, words, ...(isOut ? { arrived: `The old prices are back at ${stores}.` } : {}) });
  });
  const takeBack = () =>
    inWaves
      ? attempt(
          async () => {
            await takeBackWaves(chain.api, ids);
            const words =
              'The waves have stopped; the old prices are on the way back to the stores that have the new ones.';
            published({ answers: [], words });
          },
          () => 'It was not taken back',
        )
      : publish(withdrawalsOf(ids), () => untilKnown(chain.api, ids));
  const id = useId();
  return (
    <Modal title="Put the old prices back" close={close}>
      <div class="review">
        <PriceReview prices={prices} isBack={true} />
        <p>
          {inWaves ? 'The waves stop, and what has gone out' : 'What was just published'} is taken back: each
          store charges what it would charge without it.
        </p>
        {audiencesOf(publications).map(audience => (
          <ReachPreview key={JSON.stringify(audience ?? null)} audience={audience} model={chain.model} />
        ))}
        <p class="refusal" role="alert" id={id}>
          {failure}
        </p>
        <div class="actions">
          <button
            type="button"
            class="primary"
            aria-disabled={busy}
            aria-describedby={id}
            onClick={() => void takeBack()}
          >
            {busy ? 'Taking it back…' : `Put them back at ${stores}`}
          </button>
          <button type="button" onClick={close}>
            Keep the new ones
          </button>
        </div>
      </div>
    </Modal>
  );
}
