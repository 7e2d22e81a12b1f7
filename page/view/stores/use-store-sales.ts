/** What one store sold today, asked for once its drawer opens and again each minute. */
import { useEffect, useState } from 'preact/hooks';
import { type AnswerOf, operations, salesTotalsBy } from '../../../domain/protocol/http-api.ts';
import type { TotalBy } from '../../../domain/protocol/sales-answers.ts';
import { type Api, reasonOf } from '../../api.ts';
import { fullMinute, startOfDay } from '../../model/figures.ts';

type Sale = AnswerOf<typeof operations.storeSales>['items'][number];

export interface StoreSales {
  /** By currency. */
  totals: readonly TotalBy<'store'>[];
  /** Of the last hour, the newest first. */
  sales: readonly Sale[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function useStoreSales(
  api: Api,
  storeId: string,
  now: number,
): { sold?: StoreSales; failure?: string } {
  const [answer, setAnswer] = useState<{ sold?: StoreSales; failure?: string }>({});
  const at = fullMinute(now);
  useEffect(() => {
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    const to = new Date(at + MINUTE_MS).toISOString();
    const since = (ms: number) => ({ from: new Date(ms).toISOString(), to });
    Promise.all([
      api.list(salesTotalsBy('store'), page => page.items, {
        query: { by: 'store', store: storeId, ...since(startOfDay(at)) },
      }),
      api.list(operations.storeSales, page => page.items, {
        parameters: { id: storeId },
        query: since(at - HOUR_MS),
      }),
    ])
      .then(([totals, sales]) => take({ sold: { totals, sales: sales.toSorted(byTime) } }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, storeId, at]);
  return answer;
}

function byTime(a: Sale, b: Sale): number {
  return Date.parse(b.soldAt) - Date.parse(a.soldAt);
}
