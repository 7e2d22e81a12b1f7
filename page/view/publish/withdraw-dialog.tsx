/** Withdraws an offer from the stores that it was published to. */
import { useId } from 'preact/hooks';
import { money } from '../../format.ts';
import { titleOf } from '../../model/describe-update.ts';
import type { UpdateEntry } from '../../model/model.ts';
import { withdrawal } from '../../model/publication.ts';
import { Modal } from '../modal.tsx';
import type { Chain } from '../use-chain.ts';
import { ReachPreview } from './reach-preview.tsx';
import { usePublish } from './use-publish.ts';

export interface WithdrawDialogProps {
  chain: Chain;
  entry: UpdateEntry;
  offerId: string;
  close: () => void;
  published: (updateId: string, words: string) => void;
}

export function WithdrawDialog({ chain, entry, offerId, close, published }: WithdrawDialogProps) {
  const { busy, failure, publish } = usePublish(chain.api, published);
  const id = useId();
  const { audience } = entry.update;
  const title = titleOf(entry, { money });
  return (
    <Modal title="Withdraw this offer?" close={close}>
      <form
        onSubmit={event => {
          event.preventDefault();
          void publish(() => withdrawal(offerId, audience), `The offer ${offerId} is being withdrawn.`);
        }}
      >
        <p>
          <b>{title}</b> ({offerId}) ends in every store as soon as the store has the withdrawal.
        </p>
        <ReachPreview audience={audience ?? undefined} model={chain.model} />
        <p class="refusal" role="alert" id={id}>
          {failure}
        </p>
        <div class="actions">
          <button type="submit" class="primary" disabled={busy} aria-describedby={id}>
            {busy ? 'Withdrawing…' : 'Withdraw the offer'}
          </button>
          <button type="button" onClick={close}>
            Keep it
          </button>
        </div>
      </form>
    </Modal>
  );
}
