/** Rules of how a line ends, and of what comes after it. */
import { NOTHING } from '../chain/scripted-chain.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { NotApplicable, Violation } from '../violation.ts';
import { carriesSales, price, sale } from './made.ts';

const OTHER_LINE = 'another-device-1';
/** "Once a minute", less what a clock may differ. */
const ALMOST_A_MINUTE_MS = 50_000;

function staysAway({ chain, watch }: Scene, why: string, forMs: number): Promise<void> {
  const before = chain.handshakes.length;
  return watch.never(() => chain.handshakes.length > before, `opened a line ${why}`, forMs);
}

function comesBack(id: string, what: string, end: (scene: Scene) => void): Rule {
  return {
    id,
    sentence: `comes back after ${what}`,
    place: 'how-a-line-ends',
    play: async scene => {
      await scene.online();
      await scene.nextLine(() => end(scene));
    },
  };
}

export const ending: Rule[] = [
  comesBack('close-1001', 'close code 1001: two hours old, idle, or the gateway went away', ({ chain }) =>
    chain.line?.close(1001),
  ),
  comesBack('close-1000', 'close code 1000 without a word: head office closed the line', ({ chain }) =>
    chain.line?.close(1000),
  ),
  comesBack('close-1006', 'a connection that broke', ({ chain }) => chain.line?.break()),
  {
    id: 'replaced-away',
    sentence: 'stays away after another device took over, and goes on selling: what it sold goes out later',
    place: 'what-happened-and-what-to-do',
    seconds: 30,
    play: async scene => {
      const { chain, till, watch } = scene;
      const line = await scene.online();
      const { id } = chain.publish(price('A', 199));
      await watch.until(() => chain.receiptsOf(id)[0], 'send a receipt');
      line.dismiss('replaced', OTHER_LINE);
      await watch.until(() => !line.isOpen, 'let its line be closed');
      const sold = sale(chain);
      await till.sell(sold);
      await scene.price('A', 199, 'its prices hold without a line');
      await staysAway(scene, 'seconds after another device took over', 20_000);
      await scene.killed();
      await watch.until(() => chain.salesOf(sold.saleId)[0], 'send what it sold while it was away');
    },
  },
  {
    id: 'replaced-own',
    sentence: 'takes a `replaced` by a line of its own for its rotation, and stays on the line',
    place: 'how-a-line-ends',
    play: async scene => {
      const { name } = await scene.online();
      if (name === undefined) throw new NotApplicable('its lines have no names');
      await scene.nextLine(() => scene.chain.line?.dismiss('replaced', name));
    },
  },
  {
    id: 'revoked-away',
    sentence: 'stays away for a minute after `revoked`',
    place: 'how-a-line-ends',
    seconds: 52,
    play: async scene => {
      const line = await scene.online();
      scene.chain.admit = () => 403;
      line.dismiss('revoked');
      await scene.watch.until(() => !line.isOpen, 'let its line be closed');
      await staysAway(scene, 'less than a minute after it was revoked', ALMOST_A_MINUTE_MS);
    },
  },
  {
    id: 'revoked-restored',
    sentence: 'tries again within a minute and a half after `revoked`',
    place: 'how-a-line-ends',
    seconds: 62,
    play: async scene => {
      await scene.online();
      await scene.nextLine(() => scene.chain.line?.dismiss('revoked'), 90_000);
    },
  },
  {
    id: 'ping-unanswered',
    sentence: 'pings soon when something else is not answered',
    place: 'what-happened-and-what-to-do',
    seconds: 13,
    play: async scene => {
      const { chain, till, watch } = scene;
      const line = await scene.online();
      chain.answer = frame => (carriesSales(frame) ? NOTHING : undefined);
      await till.sell(sale(chain));
      const isAsked = () => line.of('ping')[0];
      await watch.until(isAsked, 'ping when a sale was not answered', 30_000);
    },
  },
  {
    id: 'half-open',
    sentence: 'gives up a line on which nobody answers, and opens another one',
    place: 'how-a-line-ends',
    seconds: 36,
    play: async scene => {
      const { chain, till, watch } = scene;
      const line = await scene.online();
      const sold = sale(chain);
      line.freeze();
      await till.sell(sold);
      await scene.synced(1, 75_000);
      await watch.until(() => chain.salesOf(sold.saleId)[0], 'send the sale on its next line');
    },
  },
  {
    id: 'busy-chain',
    sentence: 'keeps a line on which a ping is answered, though something else is not',
    place: 'what-happened-and-what-to-do',
    seconds: 42,
    play: async scene => {
      const { chain, till, watch } = scene;
      const line = await scene.online();
      chain.answer = frame => (carriesSales(frame) ? NOTHING : undefined);
      await till.sell(sale(chain));
      await watch.never(() => !line.isOpen, 'gave up a line on which its pings were answered', 40_000);
    },
  },
  {
    id: 'handshake-hangs',
    sentence: 'gives up a handshake that nobody answers, and tries again',
    place: 'what-happened-and-what-to-do',
    seconds: 34,
    play: async scene => {
      const { chain, till } = scene;
      chain.admit = () => (chain.handshakes.length === 1 ? 'unanswered' : undefined);
      till.start();
      await scene.synced(0, 90_000);
      if (chain.handshakes.length < 2) throw new Violation('the till waits for ever');
    },
  },
  {
    id: 'backoff-short-lived',
    sentence: 'counts a line that opens and breaks at once as a failure, and waits ever longer',
    place: 'what-happened-and-what-to-do',
    seconds: 40,
    play: async scene => {
      const { chain, till, watch } = scene;
      chain.answer = (_frame, line) => {
        line.break();
        return NOTHING;
      };
      till.start();
      await watch.until(() => chain.lines[0], 'open a line');
      const isStorm = () => chain.handshakes.length > 13;
      await watch.never(isStorm, 'opened more than 13 lines in 36 seconds that broke at once', 36_000);
      if (chain.handshakes.length < 3)
        throw new Violation('the till tried less than three times in 36 seconds');
    },
  },
];
