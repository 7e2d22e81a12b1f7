/** The drawer of the store that somebody wants to see, from wherever its id stands. */
import type { StoreState } from '../../model/watched/store-needs.ts';
import type { Chain } from '../use-chain.ts';
import { useLater } from '../use-later.ts';

export interface OpenedStoreProps {
  states: readonly StoreState[];
  /** Undefined while none is wanted. */
  storeId: string | undefined;
  chain: Chain;
  titleOf: (updateId: string) => string;
  close: () => void;
  now: number;
}

export function OpenedStore({ states, storeId, ...props }: OpenedStoreProps) {
  const { parts, failure } = useLater(storeId !== undefined);
  const state = states.find(({ store }) => store.storeId === storeId);
  if (state === undefined) return null;
  if (failure !== undefined)
    return (
      <p class="refusal" role="alert">
        {failure}
      </p>
    );
  return parts === undefined ? null : <parts.StoreDrawer state={state} {...props} />;
}
