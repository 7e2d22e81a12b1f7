/** Withdraws an offer from the stores that it was published to. */
import { useId } from 'preact/hooks';
import { reachOfAll, withdrawal } from '../../drafts/publication.ts';
import { type Published, saidOf } from '../../drafts/publish-outcome.ts';
import { money, plural } from '../../format.ts';
import { titleOf } from '../../model/describe-update.ts';
import type { UpdateEntry } from '../../model/model.ts';
import { Modal } from '../modal.tsx';
import { ReachPreview } from '../review/reach-preview.tsx';
import type { Chain } from '../use-chain.ts';
import { usePublish } from './use-publish.ts';

export interface WithdrawDialogProps {
  chain: Chain;
  entry: UpdateEntry;
  offerId: string;
  close: () => void;
  published: (published: Published) => void;
}

export function WithdrawDialog({ chain, entry, offerId, close, published }: WithdrawDialogProps) {
  const { audience } = entry.update;
  const publication = withdrawal(offerId, audience);
  const { busy, failure, publish } = usePublish(chain, answers =>
    published({ answers, words: saidOf(answers, `The offer ${offerId} is being withdrawn.`) }),
  );
  const id = useId();
  const title = titleOf(entry, { money });
  return (
    <Modal title="Withdraw this offer?" close={close}>
      <div class="review">
        <p>
          <b>{title}</b> ({offerId}) ends in every store as soon as the store has the withdrawal.
        </p>
        <ReachPreview audience={audience ?? undefined} model={chain.model} />
        <p class="refusal" role="alert" id={id}>
          {failure}
        </p>
        <div class="actions">
          <button
            type="button"
            class="primary"
            aria-disabled={busy}
            aria-describedby={id}
            onClick={() => void publish([publication])}
          >
            {busy
              ? 'Withdrawing…'
              : `Withdraw from ${plural(reachOfAll([publication], chain.model.stores), 'store')}`}
          </button>
          <button type="button" onClick={close}>
            Keep it
          </button>
        </div>
      </div>
    </Modal>
  );
}
