/** What head office calls a store, wherever its id stands. */
import { useId, useState } from 'preact/hooks';
import { operations, type Store } from '../../../domain/protocol/http-api.ts';
import { reasonOf } from '../../api.ts';
import type { Chain } from '../use-chain.ts';

export function StoreName({ chain, store }: { chain: Chain; store: Store }) {
  const [name, setName] = useState(store.name ?? '');
  const [said, say] = useState('');
  const id = useId();
  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = name.trim();
    try {
      await chain.api.call(operations.placeStore, {
        parameters: { id: store.storeId },
        body: { name: wanted === '' ? null : wanted },
      });
      chain.feed.askStores();
      say('Saved.');
    } catch (error) {
      say(`Not saved: ${reasonOf(error)}.`);
    }
  };
  return (
    <form class="store-name" onSubmit={event => void save(event)}>
      <label for={id}>Name of the store</label>
      <div class="pair">
        <input id={id} value={name} maxLength={100} onInput={event => setName(event.currentTarget.value)} />
        <button type="submit">Save the name</button>
      </div>
      <p class="hint" role="status">
        {said}
      </p>
    </form>
  );
}
