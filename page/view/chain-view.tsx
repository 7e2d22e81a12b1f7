/** The page of head office: figures, chart, updates, stores. */
import { useState } from 'preact/hooks';
import type { Session } from '../model/read-token.ts';
import { Choice } from './choice.tsx';
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
  const { currencies } = model.sales;
  const currency = currencies.find(name => name === chosen) ?? currencies[0];
  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Header line={model.line} name={session.name} now={now} signOut={() => signOut()} />
      <main id="main" tabIndex={-1}>
        <Notice model={model} />
        {currencies.length > 1 && (
          <Choice
            label="Currency of all figures"
            options={currencies.map(name => [name, name])}
            value={currency ?? ''}
            choose={choose}
          />
        )}
        <Figures model={model} currency={currency} now={now} />
        <div class="columns">
          <SalesPanel api={chain.api} model={model} currency={currency} now={now} />
          <UpdatesPanel chain={chain} currency={currency ?? 'EUR'} now={now} />
          <StoresPanel model={model} now={now} />
        </div>
      </main>
    </>
  );
}
