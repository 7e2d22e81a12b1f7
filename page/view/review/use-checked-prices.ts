/** New prices beside those that hold now; asked for once, while somebody reads the rest. */
import { useEffect, useState } from 'preact/hooks';
import type { RetailPrice } from '../../../domain/retail/price.ts';
import { type Audience, reachedBy } from '../../../domain/updates/channels.ts';
import { reasonOf } from '../../api.ts';
import { currentPrices } from '../../current-prices.ts';
import { type CheckedPrice, checkPrice } from '../../drafts/checked-price.ts';
import type { Publication } from '../../drafts/publication.ts';
import type { Chain } from '../use-chain.ts';

interface Checked {
  /** Of each publication; undefined until they are known. */
  prices: CheckedPrice[][] | undefined;
  failure?: string;
}

export function useCheckedPrices(chain: Chain, publications: readonly Publication[]): Checked {
  const [checked, setChecked] = useState<Checked>({ prices: undefined });
  const { storesLoaded } = chain.model;
  useEffect(() => {
    if (!storesLoaded) return;
    let isLatest = true;
    const take = (next: Checked) => {
      if (isLatest) setChecked(next);
    };
    Promise.all(publications.map(publication => check(chain, publication)))
      .then(prices => take({ prices }))
      .catch((error: unknown) =>
        take({
          prices: publications.map(publication => pricesIn(publication).map(price => checkPrice(price, []))),
          failure: reasonOf(error),
        }),
      );
    return () => {
      isLatest = false;
    };
  }, [publications, storesLoaded]);
  return checked;
}

async function check({ api, model, now }: Chain, publication: Publication): Promise<CheckedPrice[]> {
  const prices = pricesIn(publication);
  if (prices.length === 0) return [];
  const isReached = reachedBy(publication.detail.audience as Audience | undefined);
  const stores = model.stores.filter(store => isReached({ ...store, region: store.region ?? undefined }));
  const held = await currentPrices(api, prices, stores, now());
  return prices.map((price, index) => checkPrice(price, held[index] ?? []));
}

function pricesIn({ type, detail }: Publication): RetailPrice[] {
  return type === 'PriceChanged' ? (detail.prices as RetailPrice[]) : [];
}
