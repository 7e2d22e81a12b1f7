/** The page of head office: what needs attention, figures, chart, updates, stores. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { money } from '../format.ts';
import { titleOf } from '../model/describe-update.ts';
import type { Model } from '../model/model.ts';
import type { Session } from '../model/read-token.ts';
import { attentionLines } from '../model/watched/attention.ts';
import { freshnessOf, shownAt } from '../model/watched/freshness.ts';
import { EVERY_STORE, type StoreFilter } from '../model/watched/store-list.ts';
import { isTrouble, StoreNeeds, statesOf } from '../model/watched/store-needs.ts';
import { AttentionPanel } from './attention/attention-panel.tsx';
import { Choice } from './choice.tsx';
import { FreshnessStatus } from './freshness-status.tsx';
import { Header } from './header.tsx';
import { Notice } from './notice.tsx';
import { RegionChoice } from './region-choice.tsx';
import type { ChartMarker } from './sales/chart-drawing.ts';
import { Figures } from './sales/figures-panel.tsx';
import { ProductsPanel } from './sales/products-panel.tsx';
import { RegionsPanel } from './sales/regions-panel.tsx';
import { SalesPanel } from './sales/sales-panel.tsx';
import { OpenedStore } from './stores/opened-store.tsx';
import { StoresPanel } from './stores/stores-panel.tsx';
import { AuditPanel } from './trust/audit-panel.tsx';
import { titleOfRollout } from './updates/rollout-words.ts';
import { UpdatesPanel } from './updates/updates-panel.tsx';
import { useChain } from './use-chain.ts';
import { useRegion } from './use-region.ts';

export interface DashboardProps {
  endpoint: string;
  session: Session;
  /** @param reason undefined where the user asked for it */
  signOut: (reason?: string) => void;
}

export function Dashboard({ endpoint, session, signOut }: DashboardProps) {
  const chain = useChain(endpoint, session, signOut);
  const [chosen, choose] = useState<string>();
  const [region, chooseRegion] = useRegion();
  const [filter, setFilter] = useState(EVERY_STORE);
  const [openId, open] = useState<string>();
  const { feed, model } = chain;
  useEffect(() => feed.showRegion(region), [feed, region]);
  const now = chain.now();
  const freshness = freshnessOf(model, now);
  const shown = shownAt(freshness, now);
  // The page is drawn each second; what has a line for each store or update, when one of them changes, and now and then.
  const lookedAt = shown - (shown % LOOK_MS);
  const known = [model, model.shownStores, model.untaken, model.drift, model.audit, lookedAt];
  const states = useMemo(() => statesIn(model, lookedAt), known);
  const markers = useMemo(() => markersIn(model), [model.updates, model.shownStores]);
  const count = states.filter(({ need }) => isTrouble(need)).length;
  const halted = haltedIn(model);
  // All at once: what comes later would push the rest out of its place.
  const isAsked = model.isSettled('updates', 'deliveries', 'books', 'staged');
  useTitle(count + halted.length);
  // Pushed minutes come before the day that they are of.
  const currencies = model.salesLoaded ? model.sales.currencies : [];
  const currency = currencies.find(name => name === chosen) ?? currencies[0];
  const show = (wanted: StoreFilter) => {
    setFilter(wanted);
    document.getElementById('stores')?.scrollIntoView();
  };
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the figures
      </button>
      <Header name={session.name} now={now} signOut={() => signOut()}>
        <FreshnessStatus freshness={freshness} now={now} retry={() => feed.retry()} />
        <RegionChoice regions={model.regions} region={region} choose={chooseRegion} />
      </Header>
      <main id="main" tabIndex={-1} data-fresh={freshness.state}>
        <Notice model={model} freshness={freshness} now={now} />
        {useMemo(
          () => (
            <AttentionPanel
              lines={isAsked ? attentionLines(states, model.audit, updateId => titleIn(model, updateId)) : []}
              halted={isAsked ? halted : []}
              count={count}
              isLoaded={isAsked && model.storesLoaded && model.updatesLoaded}
              show={show}
              now={now}
            />
          ),
          [states, model.revision],
        )}
        {currencies.length > 1 && (
          <Choice
            label="Currency of all figures"
            options={currencies.map(name => [name, name])}
            value={currency ?? ''}
            choose={choose}
          />
        )}
        <Figures model={model} currency={currency} now={shown} />
        <div class="columns">
          <div class="watched">
            <SalesPanel chain={chain} currency={currency} markers={markers} knownUntil={shown} now={now} />
            {useMemo(
              () => (
                <>
                  <RegionsPanel
                    api={chain.api}
                    stores={model.stores}
                    storesLoaded={model.storesLoaded}
                    region={region}
                    choose={chooseRegion}
                    currency={currency}
                    now={shown}
                  />
                  <ProductsPanel key={region} chain={chain} currency={currency} now={shown} />
                  <AuditPanel chain={chain} currency={currency} open={open} now={shown} />
                </>
              ),
              [chain, region, currency, model.revision, lookedAt],
            )}
          </div>
          {useMemo(
            () => (
              <UpdatesPanel chain={chain} currency={currency ?? 'EUR'} now={now} />
            ),
            [chain, currency, model.revision, lookedAt],
          )}
          <StoresPanel
            chain={chain}
            open={open}
            states={states}
            filter={filter}
            setFilter={setFilter}
            now={now}
          />
        </div>
      </main>
      <OpenedStore
        states={states}
        storeId={openId}
        chain={chain}
        titleOf={updateId => titleIn(model, updateId)}
        close={() => open(undefined)}
        now={now}
      />
    </>
  );
}

/** Whether a store is silent, or an update over, is looked at so often. */
const LOOK_MS = 5_000;

/** Not a link: it would take the region out of the address. */
function skip(): void {
  document.getElementById('main')?.focus();
}

function statesIn(model: Model, now: number) {
  const needs = new StoreNeeds(model.untaken, model.drift, model.audit, now);
  return statesOf(model.shownStores, needs, now);
}

function haltedIn(model: Model) {
  return model.rollouts
    .filter(({ reason, state }) => state === 'halted' || (state === 'rollingBack' && reason !== undefined))
    .map(rollout => {
      const { reason, rolloutId: id, since } = rollout;
      return { id, title: titleOfRollout(rollout, model.updates), reason, since };
    });
}

function titleIn(model: Model, updateId: string): string {
  const entry = model.updates.find(({ update }) => update.updateId === updateId);
  return entry === undefined ? updateId : titleOf(entry, { money });
}

/** When prices and offers began to be in force. */
function markersIn(model: Model): ChartMarker[] {
  return model.shownUpdates.map(entry => ({
    at: Date.parse(entry.update.validFrom ?? entry.update.publishedAt) / 1_000,
    label: titleOf(entry, { money }),
  }));
}

/** Seen from another tab: how many stores and rollouts need somebody. */
function useTitle(count: number): void {
  useEffect(() => {
    document.title = count === 0 ? 'storecast' : `(${count}) storecast`;
  }, [count]);
}
