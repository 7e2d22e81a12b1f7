/** The latest updates, how far each has come, and the way to publish another. */
import { useRef, useState } from 'preact/hooks';
import type { Published } from '../../drafts/publish-outcome.ts';
import type { PutBack } from '../../drafts/put-back.ts';
import { money, plural } from '../../format.ts';
import type { UpdateEntry } from '../../model/model.ts';
import { boardStates, isFound, takenBackIn } from '../../model/update-board.ts';
import type { Chain } from '../use-chain.ts';
import { useLater } from '../use-later.ts';
import { BoardFilters } from './board-filters.tsx';
import { saidNow } from './said-now.ts';
import { StagedUpdates } from './staged-updates.tsx';
import { UpdateRow } from './update-row.tsx';
import '../review/review.css';
import './updates.css';

export interface UpdatesPanelProps {
  chain: Chain;
  /** What new prices are in, unless told otherwise. */
  currency: string;
  now: number;
}

type Open =
  | { dialog: 'price' | 'offer' }
  | { dialog: 'back'; back: PutBack }
  | { dialog: 'withdraw'; entry: UpdateEntry; offerId: string };

export function UpdatesPanel({ chain, currency, now }: UpdatesPanelProps) {
  const [open, setOpen] = useState<Open>();
  const [last, setLast] = useState<Published>();
  const { feed, mayPublish, model } = chain;
  // All at once: what waits stands above the list, and each update has its words and its bar.
  const isAsked = model.isSettled('updates', 'staged');
  const updates = isAsked ? model.updates : [];
  // Asked for before they are wanted, by whoever may use them: so they open at once.
  const { parts: dialogs, failure } = useLater(mayPublish);
  const list = useRef<HTMLOListElement>(null);
  const [which, choose] = useState('all');
  const [search, find] = useState('');
  const shownUpdates = isAsked ? model.shownUpdates : [];
  const stateOf = boardStates(updates, now);
  const takenBack = takenBackIn(updates);
  const placed = shownUpdates.map(entry => ({ entry, state: stateOf(entry) }));
  const elsewhere = updates.length - shownUpdates.length;
  const found = placed.filter(
    ({ entry, state }) => (which === 'all' || which === state) && isFound(entry, search, money),
  );
  const close = () => setOpen(undefined);
  const published = (done: Published) => {
    // The button that opened it goes as soon as the withdrawal is known.
    if (open?.dialog === 'withdraw') requestAnimationFrame(() => list.current?.focus());
    close();
    setLast(done);
    for (const { state, updateId } of done.answers) {
      if (done.inWaves || state === 'waiting') feed.expectStaged(updateId);
      else feed.expect(updateId);
    }
    feed.askStaged();
  };
  const back = last?.back;
  return (
    <section class="panel updates" aria-labelledby="updates-title">
      <div class="panel-head">
        <h2 id="updates-title">Updates</h2>
        {mayPublish && (
          <>
            <button type="button" onClick={() => setOpen({ dialog: 'price' })}>
              Change prices
            </button>
            <button type="button" onClick={() => setOpen({ dialog: 'offer' })}>
              Publish an offer
            </button>
          </>
        )}
      </div>
      <p class="said" role="status">
        {last !== undefined && saidNow(last, updates)}{' '}
        {back !== undefined && (
          <button type="button" onClick={() => setOpen({ dialog: 'back', back })}>
            Put the old prices back
          </button>
        )}
      </p>
      {failure !== undefined && open !== undefined && <p class="refusal">{failure}</p>}
      {isAsked && <StagedUpdates chain={chain} now={now} />}
      {updates.length > 0 && (
        <BoardFilters
          states={placed.map(({ state }) => state)}
          which={which}
          choose={choose}
          search={search}
          find={find}
        />
      )}
      {updates.length > 0 && found.length === 0 && <p class="empty">No update fits.</p>}
      {elsewhere > 0 && (
        <p class="hint">
          {plural(elsewhere, 'update')} for other regions {elsewhere === 1 ? 'is' : 'are'} not shown.
        </p>
      )}
      {updates.length === 0 && (
        <p class="empty">{isAsked && model.updatesLoaded ? nothing(mayPublish) : 'Loading…'}</p>
      )}
      <ol class="update-list" tabIndex={-1} ref={list} aria-label="Updates, the latest first">
        {found.map(({ entry, state }) => (
          <UpdateRow
            key={entry.update.updateId}
            entry={entry}
            state={state}
            isTakenBack={takenBack.has(entry.update.updateId)}
            chain={chain}
            now={now}
            withdraw={offerId => setOpen({ dialog: 'withdraw', entry, offerId })}
          />
        ))}
      </ol>
      {isAsked && model.hasOlderUpdates && (
        <button
          type="button"
          onClick={() => {
            feed.showOlder();
            // It may be the last time that this button is there.
            list.current?.focus();
          }}
        >
          Show older ones
        </button>
      )}
      {dialogs !== undefined && open?.dialog === 'back' && (
        <dialogs.PutBackDialog chain={chain} back={open.back} close={close} published={published} />
      )}
      {dialogs !== undefined && open?.dialog === 'withdraw' && (
        <dialogs.WithdrawDialog
          chain={chain}
          entry={open.entry}
          offerId={open.offerId}
          close={close}
          published={published}
        />
      )}
      {dialogs !== undefined && (open?.dialog === 'price' || open?.dialog === 'offer') && (
        <dialogs.PublishDialog
          kind={open.dialog}
          chain={chain}
          currency={currency}
          close={close}
          published={published}
        />
      )}
    </section>
  );
}

function nothing(mayPublish: boolean): string {
  const invitation = ' Change a price or publish an offer: the stores have it in a moment.';
  return `Nothing was published yet.${mayPublish ? invitation : ''}`;
}
