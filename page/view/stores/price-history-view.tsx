/** What an article cost in a store in the last 30 days, and will cost: a line of steps, and the same as a table. */
import { useEffect, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import type { StorePrice } from '../../../domain/protocol/trust-answers.ts';
import { reasonOf } from '../../api.ts';
import { money, plural, time } from '../../format.ts';
import { priceWords } from '../../model/offer-words.ts';
import { type PriceHistory, priceHistory, stepLine } from '../../model/price-history.ts';
import type { Chain } from '../use-chain.ts';

export interface PriceHistoryViewProps {
  price: StorePrice;
  chain: Chain;
  storeId: string;
  now: number;
  /** An update in a line. */
  titleOf: (updateId: string) => string;
}

const BOX = { width: 480, height: 90 };
const END: Record<PriceHistory['end'], string> = {
  kept: 'Past prices are kept for 30 days.',
  nothing: 'Before that, none was in force.',
  many: 'Older ones are not shown.',
};

export function PriceHistoryView(props: PriceHistoryViewProps) {
  const { now, price, titleOf } = props;
  const { history, failure } = useHistory(props);
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  if (history === undefined) return <p class="hint">Loading…</p>;
  const { end, steps } = history;
  return (
    <div class="history">
      <Line steps={steps} now={now} />
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Since</th>
            <th scope="col">By</th>
            <th scope="col" class="figure-cell">
              Price
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.toReversed().map(step => (
            <tr key={step.since} data-step={step.amount}>
              <th scope="row">
                {time(step.since, now)}
                {Date.parse(step.since) > now && ' (to come)'}
              </th>
              <td>{titleOf(step.updateId)}</td>
              <td class="figure-cell">{priceWords(step, money)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">
        Lowest of the 30 days before {money(price.amount, price.currency)} took effect:{' '}
        {money(price.lowest30Days, price.currency)}. {END[end]}
      </p>
    </div>
  );
}

function Line({ steps, now }: { steps: readonly StorePrice[]; now: number }) {
  const { path, nowX, lowest, highest } = stepLine(steps, BOX, now);
  const currency = steps[0]?.currency ?? '';
  const label = `${plural(steps.length, 'price')} between ${money(lowest, currency)} and ${money(highest, currency)}, in the table below`;
  return (
    <div class="steps">
      <p class="hint" aria-hidden="true">
        <span>{money(highest, currency)}</span>
        {highest !== lowest && <span>{money(lowest, currency)}</span>}
      </p>
      <svg
        viewBox={`-2 -4 ${BOX.width + 4} ${BOX.height + 8}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <path class="step-now" d={`M${nowX} -4V${BOX.height + 4}`} />
        <path class="step-line" d={path} />
      </svg>
    </div>
  );
}

function useHistory({ chain: { api }, now, price, storeId }: PriceHistoryViewProps) {
  const [answer, setAnswer] = useState<{ history?: PriceHistory; failure?: string }>({});
  useEffect(() => {
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    const pricesAt = async (at: number) => {
      const query = { sku: price.sku, at: new Date(at).toISOString() };
      const page = await api.call(operations.storePrices, { parameters: { id: storeId }, query });
      return page.items;
    };
    priceHistory(price, pricesAt, now)
      .then(history => take({ history }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
    // As it was when it was opened: prices of before don't change.
  }, [api, price, storeId]);
  return answer;
}
