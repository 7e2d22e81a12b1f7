/** How far an update has come, as a bar and in words: no state is told by colour alone. */
import { DELIVERY_STATES, type DeliveryCounts } from '../../../domain/protocol/http-api.ts';
import { number } from '../../format.ts';
import { DELIVERY_WORDS_OF_MANY } from '../../model/delivery-words.ts';

export function DeliveryBar({ counts }: { counts: DeliveryCounts }) {
  const { targeted } = counts;
  if (targeted === 0) return <p class="hint">No store was in its audience.</p>;
  const present = DELIVERY_STATES.filter(state => counts[state] > 0 || state === 'applied');
  return (
    <>
      <div class="bar" aria-hidden="true">
        {present.map(state => (
          <span key={state} class="segment" data-state={state} style={{ flexGrow: counts[state] }} />
        ))}
      </div>
      <p class="counts">
        {present.map(state => (
          <span key={state} data-state={state}>
            <b>{number(counts[state])}</b>
            {state === 'applied' && ` of ${number(targeted)}`} {DELIVERY_WORDS_OF_MANY[state]}
          </span>
        ))}
      </p>
    </>
  );
}
