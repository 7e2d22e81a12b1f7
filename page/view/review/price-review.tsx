/** Each product with its price now, its new price and the change, what is unusual first; or the way back from there. */
import { useState } from 'preact/hooks';
import type { CheckedPrice } from '../../drafts/checked-price.ts';
import { money, percent, plural } from '../../format.ts';
import { priceWords } from '../../model/offer-words.ts';

const ROWS_SHOWN = 12;

export interface PriceReviewProps {
  prices: readonly CheckedPrice[];
  /** They are published, and what held before is to hold again. */
  isBack?: boolean;
}

export function PriceReview({ prices, isBack = false }: PriceReviewProps) {
  const [isWhole, setWhole] = useState(false);
  const sorted = [...prices].sort(
    (a, b) => Number(b.unusual !== undefined) - Number(a.unusual !== undefined),
  );
  const shown = isWhole ? sorted : sorted.slice(0, ROWS_SHOWN);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={isBack ? 'Prices to put back' : 'Prices to publish'}>
        <table class="table prices">
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col" class="figure-cell">
                Now
              </th>
              <th scope="col" class="figure-cell">
                {isBack ? 'Before' : 'New'}
              </th>
              {!isBack && (
                <th scope="col" class="figure-cell">
                  Change
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map((checked, index) => (
              <Row key={index} checked={checked} isBack={isBack} />
            ))}
          </tbody>
        </table>
      </section>
      {sorted.length > shown.length && (
        <button type="button" class="plain" onClick={() => setWhole(true)}>
          Show all {plural(sorted.length, 'price')}
        </button>
      )}
    </>
  );
}

function Row({ checked, isBack }: { checked: CheckedPrice; isBack: boolean }) {
  const { change, held, price, unusual } = checked;
  const { priceType = 'regular' } = price;
  const published = priceWords(price, money);
  return (
    <tr data-sku={price.sku} data-unusual={!isBack && unusual !== undefined}>
      <th scope="row">
        {price.sku}
        {price.name !== undefined && <span class="hint"> {price.name}</span>}
        {priceType !== 'regular' && <span class="hint"> {priceType}</span>}
      </th>
      <td class="figure-cell">{isBack ? published : heldWords(held)}</td>
      <td class="figure-cell">
        <b>{isBack ? heldWords(held) : published}</b>
      </td>
      {!isBack && (
        <td class="figure-cell">
          {change === undefined ? '–' : percent(change)}
          {unusual !== undefined && <span class="mark">{unusual}</span>}
        </td>
      )}
    </tr>
  );
}

function heldWords(held: CheckedPrice['held']): string {
  const [first, ...others] = held;
  if (first?.price === undefined && others.length === 0) return 'not known';
  const words = (price: (typeof held)[number]['price']) =>
    price === undefined ? 'not known' : priceWords(price, money);
  if (new Set(held.map(({ price }) => words(price))).size === 1) return words(first?.price);
  return held.map(({ price, stores }) => `${words(price)} at ${plural(stores, 'store')}`).join(', ');
}
