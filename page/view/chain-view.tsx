/** The page of head office: figures, chart, updates, stores. */
import { useState } from 'preact/hooks';
import { freshnessOf, shownAt } from '../model/freshness.ts';
import type { Session } from '../model/read-token.ts';
import { FreshnessStatus } from './freshness-status.tsx';
import { Header } from './header.tsx';
import { Notice } from './notice.tsx';
import { Figures } from './sales/figures-panel.tsx';
import { SalesPanel } from './sales/sales-panel.tsx';
import { StoresPanel } from './stores-panel.tsx';
import { UpdatesPanel } from './updates/updates-panel.tsx';
import { useChain } from './use-chain.ts';

export interface DashboardProps {
  endpoint: string;
  session: Session;
  /** @param reason undefined where the user asked for it */
  signOut: (reason?: string) => void;
}

export function Dashboard({ endpoint, session, signOut }: DashboardProps) {
  const chain = useChain(endpoint, session, signOut);
  const [chosen, choose] = useState<string>();
  const { model } = chain;
  const now = chain.now();
  const freshness = freshnessOf(model, now);
  const shown = shownAt(freshness, now);
  const { currencies } = model.sales;
  const currency = currencies.find(name => name === chosen) ?? currencies[0];
  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Header name={session.name} now={now} signOut={() => signOut()}>
        <FreshnessStatus freshness={freshness} now={now} retry={() => chain.feed.retry()} />
      </Header>
      <main id="main" tabIndex={-1} data-fresh={freshness.state}>
        <Notice model={model} freshness={freshness} now={now} />
        <Figures model={model} currency={currency} now={shown} />
        <div class="columns">
          <SalesPanel
            api={chain.api}
            model={model}
            currency={currency}
            currencies={currencies}
            choose={choose}
            now={shown}
          />
          <UpdatesPanel chain={chain} currency={currency ?? 'EUR'} now={now} />
          <StoresPanel model={model} now={now} />
        </div>
      </main>
    </>
  );
}
