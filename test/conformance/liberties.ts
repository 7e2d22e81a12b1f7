/** Tills that do otherwise than ours what the document leaves to them: the rule that looks at it must let them pass. */
import type { Fault } from './faults.ts';

interface Liberty {
  rule: string;
  till: Fault;
}

/** What a disk or a network may take. */
const SLOWLY_MS = 500;

const first = { id: '' };

export const liberties: Readonly<Record<string, Liberty>> = {
  /** Its first price is gone once another one has replaced it: only what a withdrawal restores can bring it back. */
  'forgets replaced prices': {
    rule: 'price-withdrawn',
    till: {
      incoming: frame => {
        if (frame.kind === 'price.withdrawn') frame.data.updates.push(`own-${first.id}`);
        if (frame.kind !== 'price.changed') return [frame];
        first.id ||= frame.id;
        return [frame.id === first.id ? { ...frame, id: `own-${frame.id}` } : frame];
      },
    },
  },
  /** The random part of its back-off is small, and a fresh token takes longer. */
  'comes back before it has the fresh token': {
    rule: 'token-renewed',
    till: {
      options: () => {
        const { fetch } = globalThis;
        globalThis.fetch = async (...question) => {
          const answer = await fetch(...question);
          await new Promise(resolve => setTimeout(resolve, SLOWLY_MS));
          return answer;
        };
        return { random: () => 0 };
      },
    },
  },
};
