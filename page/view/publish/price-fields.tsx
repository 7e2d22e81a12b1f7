/** New prices: one line for each SKU, all in one currency. */
import { useId } from 'preact/hooks';
import { zoneName } from '../../format.ts';
import type { PriceDraft } from '../../model/publication.ts';
import { CurrencyField } from './currency-field.tsx';

export interface PriceFieldsProps {
  draft: PriceDraft;
  change: (draft: PriceDraft) => void;
  now: number;
}

const EMPTY_LINE = { sku: '', amount: '' };

export function emptyPrices(currency: string): PriceDraft {
  return { prices: [EMPTY_LINE], currency, validFrom: '' };
}

export function PriceFields({ draft, change, now }: PriceFieldsProps) {
  const id = useId();
  const { prices } = draft;
  const edit = (index: number, edited: Partial<typeof EMPTY_LINE>) =>
    change({ ...draft, prices: prices.map((line, at) => (at === index ? { ...line, ...edited } : line)) });
  return (
    <>
      <fieldset>
        <legend>Prices</legend>
        {prices.map(({ sku, amount }, index) => (
          <div class="price-line" key={index}>
            <label>
              SKU
              <input
                value={sku}
                spellcheck={false}
                onInput={event => edit(index, { sku: event.currentTarget.value })}
              />
            </label>
            <label>
              Price
              <input
                value={amount}
                inputMode="decimal"
                placeholder="1.99"
                onInput={event => edit(index, { amount: event.currentTarget.value })}
              />
            </label>
          </div>
        ))}
        <button
          type="button"
          class="plain"
          onClick={() => change({ ...draft, prices: [...prices, EMPTY_LINE] })}
        >
          Another SKU
        </button>
      </fieldset>
      <div class="pair">
        <CurrencyField value={draft.currency} change={currency => change({ ...draft, currency })} />
        <label for={id}>
          From <span class="hint">({zoneName(now)}; empty: at once)</span>
          <input
            id={id}
            type="datetime-local"
            value={draft.validFrom}
            onInput={event => change({ ...draft, validFrom: event.currentTarget.value })}
          />
        </label>
      </div>
    </>
  );
}
