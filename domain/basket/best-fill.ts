/**
 * Fills sets with pieces so that the most is gained, exactly. The pieces are walked from the dearest to the cheapest; each goes into
 * the open set of one offer, or is left. For the pieces of one offer, sets of neighbours in this order are the best ones: any other
 * way to cut them would only discount a cheaper piece in place of a dearer one. So all that matters on the way is how full each
 * offer's open set is, and the best way to each such state (a dynamic program) leads to the best of all.
 */

/** What a piece gains in an offer's set that holds so many dearer ones: one entry for each place. */
export type Gains = readonly number[];

/** A piece of the walk. */
export interface Step {
  /** What it gains in no set. */
  left: number;
  /** By offer; undefined where that can't take it. */
  gains: readonly (Gains | undefined)[];
}

const LEFT = -1;

/**
 * @param sizes how many pieces a set has, by offer
 * @returns what is gained at most, and for each piece the index of its offer, or -1; no set stays half full, and none is made that
 * gains no more than leaving its pieces
 */
export function bestFill(
  sizes: readonly number[],
  steps: readonly Step[],
): { gain: number; chosen: number[] } {
  const radix = radixOf(sizes);
  let best = new Float64Array(radix.states).fill(Number.NEGATIVE_INFINITY);
  let next = new Float64Array(radix.states);
  best[0] = 0;
  /** How each state is best reached, for each step. */
  const choices = new Int16Array(steps.length * radix.states);
  const reach = (place: number, state: number, gain: number, choice: number) => {
    if (gain <= (next[state] ?? 0)) return;
    next[state] = gain;
    choices[place * radix.states + state] = choice;
  };
  for (const [place, { left, gains }] of steps.entries()) {
    next.fill(Number.NEGATIVE_INFINITY);
    for (let state = 0; state < radix.states; state += 1) {
      const gain = best[state] ?? Number.NEGATIVE_INFINITY;
      if (gain === Number.NEGATIVE_INFINITY) continue;
      // First, so that a set that gains no more is not made.
      reach(place, state, gain + left, LEFT);
      for (let offer = 0; offer < sizes.length; offer += 1) {
        const added = gains[offer]?.[radix.held(state, offer)];
        if (added !== undefined) reach(place, radix.after(state, offer), gain + added, offer);
      }
    }
    [best, next] = [next, best];
  }
  const chosen: number[] = [];
  let state = 0;
  for (let place = steps.length - 1; place >= 0; place -= 1) {
    const offer = choices[place * radix.states + state] ?? LEFT;
    chosen.push(offer);
    if (offer !== LEFT) state = radix.before(state, offer);
  }
  return { gain: best[0] ?? 0, chosen: chosen.reverse() };
}

/** A state is a number whose digits, each of the base of an offer's size, are how many pieces the offer's open set holds. */
function radixOf(sizes: readonly number[]) {
  const weights: number[] = [];
  let states = 1;
  for (const size of sizes) {
    weights.push(states);
    states *= size;
  }
  const weight = (offer: number): number => weights[offer] ?? 1;
  const size = (offer: number): number => sizes[offer] ?? 1;
  const held = (state: number, offer: number): number => Math.floor(state / weight(offer)) % size(offer);
  return {
    states,
    held,
    /** With one piece more; a full set is closed, and the next one is empty. */
    after: (state: number, offer: number): number =>
      state + weight(offer) * (held(state, offer) + 1 === size(offer) ? 1 - size(offer) : 1),
    before: (state: number, offer: number): number =>
      state + weight(offer) * (held(state, offer) === 0 ? size(offer) - 1 : -1),
  };
}
