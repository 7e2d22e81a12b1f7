/** What the cloud's process does to itself while an episode of chaos lasts, and how often it did. */
import { createHash } from 'node:crypto';
import type { Faults } from '../../local/cloud-options.ts';
import type { Random } from './random.ts';

/** How likely each fault is where it can happen; 0 is never. */
export interface CloudFaults {
  killLambda: number;
  throttleLambda: number;
  throttlePost: number;
  failPost: number;
  losePost: number;
  loseDisconnect: number;
  /** Share of the lines that take no post: each answers 429, always. */
  hangLines: number;
  /** Part of the name of a table that takes no writes. */
  refuseWrites: string | undefined;
}

export const NO_FAULTS: CloudFaults = {
  killLambda: 0,
  throttleLambda: 0,
  throttlePost: 0,
  failPost: 0,
  losePost: 0,
  loseDisconnect: 0,
  hangLines: 0,
  refuseWrites: undefined,
};

/** Those that AWS retries by itself, up to three runs; there are few of them. */
const IN_THE_BACKGROUND = /Broadcast|Redeliver|Rollup|Gauge|Gather|Rollouts|Live/;
/** Each kill costs a start; a store's frames come by the hundred. */
const IN_THE_FOREGROUND = 0.1;
const WRITE = /^(Put|Update|Delete|BatchWrite)/;

/** Hooks that follow `current`, which may change at any time, and count what they did. */
export function injectFaults(
  current: () => CloudFaults,
  random: Random,
  count: (what: string) => void,
): Faults {
  const hits = (probability: number, what: string): boolean => {
    const isHit = probability > 0 && random.chance(probability);
    if (isHit) count(what);
    return isHit;
  };
  return {
    invoke(functionName) {
      const { killLambda, throttleLambda } = current();
      const share = IN_THE_BACKGROUND.test(functionName) ? 1 : IN_THE_FOREGROUND;
      if (hits(killLambda * share, 'Lambdas killed'))
        return random.pick([
          'crash-before' as const,
          'crash-after' as const,
          { crashAfterMs: random.between(1, 40) },
          { crashAfterMs: random.between(1, 400) },
        ]);
      return hits(throttleLambda * share, 'Lambdas throttled') ? 'throttle' : undefined;
    },
    post(connectionId) {
      const { failPost, hangLines, losePost, throttlePost } = current();
      if (shareOf(connectionId) < hangLines) {
        count('posts to lines that hang');
        return 'throttle';
      }
      if (hits(throttlePost, 'posts answered 429')) return 'throttle';
      if (hits(failPost, 'posts answered 500')) return 'error';
      return hits(losePost, 'posts lost') ? 'lose' : undefined;
    },
    disconnect: () => (hits(current().loseDisconnect, '$disconnects lost') ? 'lose' : undefined),
    table(operation, tableName) {
      const { refuseWrites } = current();
      if (refuseWrites === undefined || !tableName.includes(refuseWrites) || !WRITE.test(operation)) return;
      count('writes refused by a table');
      return random.pick(['throttle', 'error']);
    },
  };
}

/** From 0 to 1, the same for a line each time. */
function shareOf(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() / 2 ** 32;
}
