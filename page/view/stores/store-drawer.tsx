/** All that is known of one store: where it is, how it is connected, what it refuses or lacks and why, what it sold. */
import type { ComponentChildren } from 'preact';
import { exactTime, money, plural, timeThere } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import type { StoreState } from '../../model/watched/store-needs.ts';
import { Modal } from '../modal.tsx';
import type { Chain } from '../use-chain.ts';
import { StorePrices } from './drawer-prices.tsx';
import { DrawerSales } from './drawer-sales.tsx';
import { NeedWords } from './need-words.tsx';
import { StoreName } from './store-name.tsx';
import { type StoreSales, useStoreSales } from './use-store-sales.ts';

export interface StoreDrawerProps {
  state: StoreState;
  chain: Chain;
  /** An update in a line. */
  titleOf: (updateId: string) => string;
  close: () => void;
  now: number;
}

export function StoreDrawer({ state, chain, titleOf, close, now }: StoreDrawerProps) {
  const { store, need, refusals } = state;
  const { sold, failure } = useStoreSales(chain.api, store.storeId, now);
  const there = timeThere(now, store.timeZone ?? 'UTC');
  const missing = missedBy(chain.model, store.storeId);
  return (
    <Modal
      title={store.name === undefined ? store.storeId : `${store.name} (${store.storeId})`}
      close={close}
    >
      <dl class="facts">
        <Fact name="State">
          <NeedWords need={need} refusals={[]} />
        </Fact>
        <Fact name="Connection">
          {store.connected ? 'connected since' : 'offline since'}{' '}
          {exactTime(store.since ?? store.lastSeenAt, now)}
        </Fact>
        <Fact name="Place">
          {[store.region ?? 'no region', ...store.groups].join(', ')} · {store.timeZone ?? 'UTC'}
          {there !== undefined && `, ${there} there`}
        </Fact>
        <Fact name="Revenue today">{failure ?? revenue(sold)}</Fact>
        {refusals.map(({ updateId, reason, at }) => (
          <Fact key={updateId} name="Refuses">
            {titleOf(updateId)}
            {reason !== undefined && `: ${reason}`}
            {at !== null && <span class="hint"> {exactTime(at, now)}</span>}
          </Fact>
        ))}
        <Fact name="Updates missing">
          {store.behind === 0 ? 'none' : plural(store.behind, 'update')}
          {missing.length > 0 && `: ${missing.map(titleOf).join(' · ')}`}
        </Fact>
      </dl>
      <h3>Sales of the last hour</h3>
      <DrawerSales chain={chain} sold={sold} now={now} />
      <StorePrices chain={chain} storeId={store.storeId} titleOf={titleOf} now={now} />
      {chain.mayPublish && <StoreName chain={chain} store={store} />}
      <div class="actions">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Modal>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function revenue(sold: StoreSales | undefined): string {
  if (sold === undefined) return '…';
  if (sold.totals.length === 0) return 'none';
  return sold.totals
    .map(({ amount, currency, count }) => `${money(amount, currency)} · ${plural(count, 'receipt')}`)
    .join(', ');
}

/** Of the updates that are in force, those that are still on their way to it. */
function missedBy({ untaken }: Model, storeId: string): string[] {
  return untaken
    .filter(({ stores }) => stores.some(store => store.storeId === storeId && store.state === 'pending'))
    .map(({ updateId }) => updateId);
}
