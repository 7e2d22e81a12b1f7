/** New prices: one line for each SKU, all in one currency, of one type. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PriceType } from '../../../domain/retail/price.ts';
import type { ListDraft } from '../../drafts/list-draft.ts';
import type { PriceDraft } from '../../drafts/publication.ts';
import { AT_ONCE } from '../../drafts/times-draft.ts';
import { CurrencyField } from '../fields/currency-field.tsx';
import { Field } from '../fields/field.tsx';
import { ValidityFields } from '../fields/validity-fields.tsx';
import { ListField } from './list-field.tsx';

export interface PriceFieldsProps {
  draft: PriceDraft;
  change: (draft: PriceDraft) => void;
  now: number;
  listText: string;
  /** In place of the single lines. */
  list: ListDraft | undefined;
  changeList: (text: string) => void;
}

const EMPTY_LINE = { sku: '', amount: '' };

export function emptyPrices(currency: string): PriceDraft {
  return { ...AT_ONCE, prices: [EMPTY_LINE], currency, priceType: 'regular' };
}

export function PriceFields({ draft, change, now, listText, list, changeList }: PriceFieldsProps) {
  const { prices } = draft;
  const lines = useRef<HTMLFieldSetElement>(null);
  const [added, setAdded] = useState(0);
  useEffect(() => {
    if (added > 0) lines.current?.querySelector<HTMLElement>(`[name="prices.${added}.sku"]`)?.focus();
  }, [added]);
  const edit = (index: number, edited: Partial<typeof EMPTY_LINE>) =>
    change({ ...draft, prices: prices.map((line, at) => (at === index ? { ...line, ...edited } : line)) });
  return (
    <>
      {list === undefined && (
        <fieldset
          ref={lines}
          onPaste={event => {
            // Cells of a spreadsheet come as lines.
            const text = event.clipboardData?.getData('text/plain') ?? '';
            if (!/[\t\n]/.test(text.trim())) return;
            event.preventDefault();
            changeList(text);
          }}
        >
          <legend>Prices</legend>
          {prices.map(({ sku, amount }, index) => (
            <div class="price-line" key={index}>
              <Field
                name={`prices.${index}.sku`}
                label="SKU"
                value={sku}
                spellcheck={false}
                onInput={event => edit(index, { sku: event.currentTarget.value })}
              />
              <Field
                name={`prices.${index}.amount`}
                label="Price"
                value={amount}
                inputMode="decimal"
                placeholder="1.99"
                onInput={event => edit(index, { amount: event.currentTarget.value })}
              />
            </div>
          ))}
          <button
            type="button"
            class="plain"
            onClick={() => {
              change({ ...draft, prices: [...prices, EMPTY_LINE] });
              setAdded(prices.length);
            }}
          >
            Another SKU
          </button>
        </fieldset>
      )}
      <ListField text={listText} list={list} change={changeList} />
      <div class="pair">
        <CurrencyField value={draft.currency} change={currency => change({ ...draft, currency })} />
        <label>
          Price type
          <select
            value={draft.priceType}
            onChange={event => change({ ...draft, priceType: event.currentTarget.value as PriceType })}
          >
            <option value="regular">Regular</option>
            <option value="promotional">Promotional</option>
            <option value="member">For members</option>
          </select>
        </label>
      </div>
      <ValidityFields
        times={draft}
        change={times => change({ ...draft, ...times })}
        hasToEnd={false}
        now={now}
      />
    </>
  );
}
