/** Which updates the board shows: by where they stand, with counts, and by what is in them. */
import { number } from '../../format.ts';
import { BOARD_STATES, type BoardState } from '../../model/update-board.ts';
import { Choice } from '../choice.tsx';

export interface BoardFiltersProps {
  states: readonly BoardState[];
  which: string;
  choose: (which: string) => void;
  search: string;
  find: (search: string) => void;
}

export function BoardFilters({ states, which, choose, search, find }: BoardFiltersProps) {
  const counted = Object.entries(BOARD_STATES).map(([state, words]) => {
    const count = states.filter(other => other === state).length;
    return [state, `${words} ${number(count)}`] as const;
  });
  return (
    <div class="filters">
      <Choice
        label="Updates that are shown"
        options={[['all', `All ${number(states.length)}`], ...counted]}
        value={which}
        choose={choose}
      />
      <input
        type="search"
        class="search"
        placeholder="Title, SKU, audience"
        aria-label="Find updates by title, SKU, audience or id"
        value={search}
        onInput={event => find(event.currentTarget.value)}
      />
    </div>
  );
}
