/** Rules of the token and its renewal. */
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { Violation } from '../violation.ts';

/** A first token of some seconds, by the chain's time. Answers when its half is over. */
function shortToken(scene: Scene, seconds: number): number {
  const iat = Math.floor(scene.chain.now() / 1_000);
  scene.token = scene.chain.office.mint(iat, iat + seconds);
  return (iat + seconds / 2) * 1_000;
}

/** A till reads the answer and saves the token before it can use it. */
const SAVED_WITHIN_MS = 2_000;

async function renewed({ chain, watch }: Scene, withinMs: number) {
  const renewal = () => chain.tokenRequests.findLast(({ status }) => status === 200);
  return watch.until(renewal, 'ask {ManagementUrl}token for a fresh token', withinMs);
}

export const tokens: Rule[] = [
  {
    id: 'token-renewed',
    sentence: 'asks for a fresh token at half of the first one’s life, and opens its next line with it',
    place: 'the-token',
    seconds: 10,
    play: async scene => {
      const { chain } = scene;
      const half = shortToken(scene, 14);
      await scene.online();
      const { token, answer } = await renewed(scene, 14_000);
      if (chain.now() < half - 1_500)
        throw new Violation('the till renewed its token long before half of its life');
      if (token !== scene.token) throw new Violation('the till asked with another token than its own');
      await scene.watch.leave(SAVED_WITHIN_MS);
      const line = await scene.nextLine(() => chain.line?.break());
      if (line.token !== answer?.token) throw new Violation('the next line was opened with the old token');
    },
  },
  {
    id: 'token-kept',
    sentence: 'keeps a renewed token through kill -9',
    place: 'the-token',
    seconds: 10,
    play: async scene => {
      shortToken(scene, 14);
      await scene.online();
      const { answer } = await renewed(scene, 14_000);
      await scene.watch.leave(SAVED_WITHIN_MS);
      const line = await scene.killed();
      if (line.token !== answer?.token)
        throw new Violation('after the restart the till came with its first token');
    },
  },
  {
    id: 'token-renew-at',
    sentence: 'renews a renewed token when the answer said so',
    place: 'the-token',
    seconds: 14,
    play: async scene => {
      const { chain, watch } = scene;
      shortToken(scene, 12);
      chain.renewAfterSeconds = 5;
      await scene.online();
      const { answer } = await renewed(scene, 12_000);
      const again = () => chain.tokenRequests.find(({ token }) => token === answer?.token);
      await watch.until(again, 'renew its token at renewAt', 15_000);
    },
  },
  {
    id: 'token-retried',
    sentence: 'tries a renewal that failed again, and keeps its line meanwhile',
    place: 'the-token',
    seconds: 28,
    play: async scene => {
      const { chain, watch } = scene;
      shortToken(scene, 12);
      chain.renewal = () => (chain.tokenRequests.length === 0 ? 503 : undefined);
      scene.chain.office.prolong(scene.token);
      const line = await scene.online();
      await watch.until(() => chain.tokenRequests[0], 'ask {ManagementUrl}token for a fresh token', 12_000);
      await renewed(scene, 45_000);
      if (!line.isOpen) throw new Violation('the till gave up its line when a renewal failed');
    },
  },
  {
    id: 'token-chain-time',
    sentence: 'judges by the chain’s time when its token is to be renewed',
    place: 'the-token',
    seconds: 10,
    play: async scene => {
      scene.chain.skewMs = 600_000;
      shortToken(scene, 14);
      await scene.online();
      await renewed(scene, 14_000);
    },
  },
];
