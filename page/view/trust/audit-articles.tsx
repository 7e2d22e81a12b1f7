/** Which articles were charged at other prices than listed, in all regions: asked for while it is open. */
import { useEffect, useState } from 'preact/hooks';
import { salesAuditBy } from '../../../domain/protocol/http-api.ts';
import type { AuditBy } from '../../../domain/protocol/sales-answers.ts';
import { type Api, reasonOf } from '../../api.ts';
import { startOfDay } from '../../model/figures.ts';
import { mostWrong } from '../../model/watched/audit-figures.ts';
import { useNames } from '../article.tsx';
import type { Chain } from '../use-chain.ts';
import { AuditTable } from './audit-table.tsx';

export interface AuditArticlesProps {
  chain: Chain;
  currency: string;
  now: number;
}

const EVERY_MS = 300_000;
/** Those that may be looked at: their names are asked for. */
const NAMED = 25;

export function AuditArticles({ chain, currency, now }: AuditArticlesProps) {
  const { api, model } = chain;
  const { items, failure } = useAudit(api, now - (now % EVERY_MS));
  const wrong = mostWrong((items ?? []).filter(item => item.currency === currency));
  useNames(
    chain,
    wrong.slice(0, NAMED).map(({ sku }) => sku),
  );
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  if (items === undefined) return <p class="hint">Loading…</p>;
  return (
    <AuditTable
      caption={
        model.region === undefined ? 'In all stores' : 'In all regions: articles are counted by no other'
      }
      rows={wrong.map(line => ({ ...line, id: line.sku, name: model.names.of(line.sku) }))}
    />
  );
}

function useAudit(api: Api, at: number) {
  const [answer, setAnswer] = useState<{ items?: readonly AuditBy<'sku'>[]; failure?: string }>({});
  useEffect(() => {
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    const from = new Date(startOfDay(at)).toISOString();
    const query = { by: 'sku', from, to: new Date(at + EVERY_MS).toISOString() };
    api
      .list(salesAuditBy('sku'), page => page.items, { query })
      .then(items => take({ items }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, at]);
  return answer;
}
