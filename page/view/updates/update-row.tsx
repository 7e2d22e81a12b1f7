/** One update: what it says, whom it is for, how far it has come; opened, store by store. */
import { useId, useState } from 'preact/hooks';
import { duration, exactTime, money, time, timesHere } from '../../format.ts';
import { audienceOf, runningOffer, termsOf, titleOf } from '../../model/describe-update.ts';
import type { UpdateEntry } from '../../model/model.ts';
import { momentsOf, zonesOf } from '../../model/store-times.ts';
import { BOARD_STATES, type BoardState } from '../../model/update-board.ts';
import type { Chain } from '../use-chain.ts';
import { useLater } from '../use-later.ts';
import { DeliveryBar } from './delivery-bar.tsx';

export interface UpdateRowProps {
  entry: UpdateEntry;
  state: BoardState;
  isTakenBack: boolean;
  chain: Chain;
  now: number;
  withdraw: (offerId: string) => void;
}

export function UpdateRow({ entry, state, isTakenBack, chain, now, withdraw }: UpdateRowProps) {
  const [open, setOpen] = useState(false);
  const { parts, failure } = useLater(open);
  const id = useId();
  const { update, delivery } = entry;
  const here = (local: string, edge: 'start' | 'end') =>
    timesHere(momentsOf(local, edge, zonesOf(chain.model.stores, update)), local, now);
  const names = new Map(chain.model.stores.map(({ storeId, name }) => [storeId, name]));
  const words = { money, time: (at: string) => time(at, now), here };
  const offerId = chain.mayPublish ? runningOffer(entry, chain.model.updates, now) : undefined;
  const isComplete = delivery?.lastAppliedMs != null && delivery.applied === delivery.targeted;
  return (
    <li class="update" data-update={update.updateId}>
      <h3>{titleOf(entry, words)}</h3>
      <p class="hint">
        <span class="standing" data-standing={state}>
          {isTakenBack ? 'Taken back' : BOARD_STATES[state]}
        </span>{' '}
        · {termsOf(entry, words).join(' · ')} · {audienceOf(entry, storeId => names.get(storeId) ?? storeId)}{' '}
        · <time dateTime={update.publishedAt}>{exactTime(update.publishedAt, now)}</time>
        {isComplete && ` · the last after ${duration(delivery.lastAppliedMs ?? 0)}`}
      </p>
      {delivery === undefined ? <p class="hint">…</p> : <DeliveryBar counts={delivery} />}
      <div class="actions">
        <button
          type="button"
          class="plain"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Hide the stores' : 'Store by store'}
          <span class="unseen"> of {titleOf(entry, words)}</span>
        </button>
        {offerId !== undefined && (
          <button type="button" class="plain" onClick={() => withdraw(offerId)}>
            Withdraw…<span class="unseen"> {titleOf(entry, words)}</span>
          </button>
        )}
      </div>
      <div id={id}>
        {open && failure !== undefined && <p class="refusal">{failure}</p>}
        {open && parts !== undefined && <parts.DeliveryDetail entry={entry} chain={chain} now={now} />}
      </div>
    </li>
  );
}
