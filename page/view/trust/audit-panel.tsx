/** Whether customers paid what was published: the lines of today's sales beside listed prices, and stores that hold others. */
import { useMemo } from 'preact/hooks';
import { MOST_WRONG_PERCENT } from '../../../domain/sales/price-audit.ts';
import { money, number, share } from '../../format.ts';
import { type AuditFigures, auditFigures, mostWrong } from '../../model/watched/audit-figures.ts';
import { LaterDetails } from '../later-details.tsx';
import type { Chain } from '../use-chain.ts';
import { AuditTable } from './audit-table.tsx';
import { DriftList } from './drift-list.tsx';
import './trust.css';

export interface AuditPanelProps {
  chain: Chain;
  currency: string | undefined;
  /** Shows a store. */
  open: (storeId: string) => void;
  now: number;
}

export function AuditPanel({ chain, currency, open, now }: AuditPanelProps) {
  const { audit, drift, shownStores } = chain.model;
  const isAsked = chain.model.isSettled('books');
  const stores = useMemo(() => new Map(shownStores.map(store => [store.storeId, store])), [shownStores]);
  const lines = useMemo(
    () => audit.filter(line => line.currency === currency && stores.has(line.store)),
    [audit, currency, stores],
  );
  const figures = useMemo(() => auditFigures(lines), [lines]);
  const wrong = useMemo(() => mostWrong(lines), [lines]);
  return (
    <section class="panel audit" aria-labelledby="audit-title">
      <div class="panel-head">
        <h2 id="audit-title">Charged as published, today</h2>
      </div>
      {figures.share === undefined || currency === undefined ? (
        <p class="empty">{isAsked ? emptyWords(figures) : 'Loading…'}</p>
      ) : (
        <>
          <Figures figures={figures} currency={currency} />
          <AuditTable
            caption="Stores with the most lines at other prices"
            rows={wrong.map(line => {
              const name = stores.get(line.store)?.name;
              return { ...line, id: line.store, name, show: () => open(line.store) };
            })}
          />
          {figures.over + figures.under > 0 && (
            <LaterDetails summary="Articles with the most lines at other prices">
              {({ AuditArticles }) => <AuditArticles chain={chain} currency={currency} now={now} />}
            </LaterDetails>
          )}
        </>
      )}
      {isAsked && <DriftList drift={drift} stores={stores} open={open} now={now} />}
    </section>
  );
}

function emptyWords({ unlisted }: AuditFigures): string {
  if (unlisted === 0) return 'No line of a sale was compared yet.';
  return `No line of a sale says what was listed (${number(unlisted)} don’t): tills send it with each line.`;
}

function Figures({ figures, currency }: { figures: AuditFigures; currency: string }) {
  const { exact, over, overAmount, share: wrong = 0, under, underAmount, unlisted } = figures;
  const isTooMuch = wrong * 100 > MOST_WRONG_PERCENT;
  return (
    <dl class="audit-figures">
      <div data-audit="share">
        <dt>At other prices</dt>
        <dd class={isTooMuch ? 'less' : ''}>{share(wrong)}</dd>
        <dd class="hint">a store’s alarm: over {MOST_WRONG_PERCENT}% in an hour</dd>
      </div>
      <div data-audit="exact">
        <dt>Exact</dt>
        <dd>{number(exact)}</dd>
        <dd class="hint">lines</dd>
      </div>
      <div data-audit="over">
        <dt>Charged more</dt>
        <dd>{number(over)}</dd>
        <dd class="hint">{money(overAmount, currency)} too much</dd>
      </div>
      <div data-audit="under">
        <dt>Charged less</dt>
        <dd>{number(under)}</dd>
        <dd class="hint">{money(underAmount, currency)} too little</dd>
      </div>
      <div data-audit="unlisted">
        <dt>Unlisted</dt>
        <dd>{number(unlisted)}</dd>
        <dd class="hint">lines that name no price</dd>
      </div>
    </dl>
  );
}
