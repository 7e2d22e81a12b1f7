/** Every store as a cell of its region, with its state: where something is wrong is seen at a glance. */
import { plural } from '../../format.ts';
import { isTrouble, NEED_SIGNS, NEED_WORDS, type StoreState } from '../../model/watched/store-needs.ts';

export interface StoreMapProps {
  states: readonly StoreState[];
  open: (storeId: string) => void;
}

export function StoreMap({ states, open }: StoreMapProps) {
  const regions = Map.groupBy(states, ({ store }) => store.region ?? '');
  const names = [...regions.keys()].sort();
  return (
    <div class="map">
      {names.map(name => (
        <Region key={name} name={name || 'No region'} states={regions.get(name) ?? []} open={open} />
      ))}
    </div>
  );
}

function Region({ name, states, open }: StoreMapProps & { name: string }) {
  const troubled = states.filter(({ need }) => isTrouble(need)).length;
  return (
    <section aria-label={name}>
      <h3>
        {name}{' '}
        <span class="hint">
          {plural(states.length, 'store')}
          {troubled > 0 && `, ${plural(troubled, 'needs', 'need')} attention`}
        </span>
      </h3>
      <div class="cells">
        {states.map(({ store: { storeId, name: called }, need }) => {
          const label = `${called ?? storeId}: ${NEED_WORDS[need]}`;
          return (
            <button
              key={storeId}
              type="button"
              class="cell"
              data-need={need}
              title={label}
              aria-label={label}
              onClick={() => open(storeId)}
            >
              {NEED_SIGNS[need]}
            </button>
          );
        })}
      </div>
    </section>
  );
}
