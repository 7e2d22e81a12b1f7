/** The way back from prices that were published here: what held before, checked and published like any other price. */
import { useRef } from 'preact/hooks';
import type { PutBack } from '../../drafts/put-back.ts';
import { Modal } from '../modal.tsx';
import { Review } from '../review/review.tsx';
import type { Chain } from '../use-chain.ts';
import { type Published, saidOf } from './publish-outcome.ts';
import { usePublish } from './use-publish.ts';

export interface PutBackDialogProps {
  chain: Chain;
  back: PutBack;
  close: () => void;
  published: (published: Published) => void;
}

export function PutBackDialog({ chain, back, close, published }: PutBackDialogProps) {
  const { publications, left } = back;
  const words = useRef('');
  const { busy, failure, publish } = usePublish(chain, updateIds =>
    published({ updateIds, words: words.current }),
  );
  return (
    <Modal title="Put the old prices back" close={close}>
      {left.length > 0 && (
        <p class="warning">
          These stay as they are, since no one price held at all these stores before: {left.join(', ')}
        </p>
      )}
      <Review
        chain={chain}
        publications={publications}
        leftOut={[]}
        busy={busy}
        failure={failure}
        publish={before => {
          words.current = saidOf(publications, before, chain).words;
          void publish(publications);
        }}
        back={{ label: 'Keep the new ones', go: close }}
      />
    </Modal>
  );
}
