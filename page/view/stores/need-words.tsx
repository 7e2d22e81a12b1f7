/** What is wrong with a store, by a sign and in words; where it refuses something, why. */
import { NEED_SIGNS, NEED_WORDS, type Need, type Refusal } from '../../model/watched/store-needs.ts';

export interface NeedWordsProps {
  need: Need;
  refusals: readonly Refusal[];
}

export function NeedWords({ need, refusals }: NeedWordsProps) {
  const [refusal] = refusals;
  const reason = refusal?.reason;
  return (
    <span class="need" data-need={need} title={reason}>
      <span aria-hidden="true">{NEED_SIGNS[need]} </span>
      {NEED_WORDS[need]}
      {reason !== undefined && <span class="hint">: {reason}</span>}
    </span>
  );
}
