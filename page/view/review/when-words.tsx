/** When it takes effect and when it is over, in the words of a sentence. */
import type { Validity } from '../../../domain/retail/validity.ts';
import type { Publication } from '../../drafts/publication.ts';
import { moment } from '../../format.ts';
import type { Chain } from '../use-chain.ts';

export interface WhenWordsProps {
  publications: readonly Publication[];
  chain: Chain;
}

export function WhenWords({ publications, chain }: WhenWordsProps) {
  const sentences = new Set(publications.map(({ detail }) => sentenceOf(detail as Validity, chain.now())));
  return (
    <p>
      {[...sentences].map(sentence => (
        <span key={sentence}>{sentence} </span>
      ))}
    </p>
  );
}

function sentenceOf(
  { validFrom, validFromLocal, validUntil, validUntilLocal }: Validity,
  now: number,
): string {
  const side = (at: string | null | undefined, local: string | null | undefined) => {
    if (local) return `${local.replace('T', ' ')} on each store’s clock`;
    return at ? moment(at) : undefined;
  };
  const isPast = validFrom ? Date.parse(validFrom) <= now : false;
  const from = side(validFrom, validFromLocal);
  const until = side(validUntil, validUntilLocal);
  const begins = from === undefined ? 'At once' : isPast ? `At once, for ${from} is past` : `From ${from}`;
  return `${begins}${until === undefined ? '' : `, until ${until}`}.`;
}
