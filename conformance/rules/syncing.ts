/** Rules of what was missed: how a till asks, and where it stands. */
import { errorFrame } from '../chain/answers.ts';
import type { ChainLine } from '../chain/chain-line.ts';
import { NOTHING } from '../chain/scripted-chain.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { Violation } from '../violation.ts';
import { carriesSales, price, sale } from './made.ts';

/** Where the till says that it stands in `all`, as its line begins. */
function standsAt(line: ChainLine): number {
  return line.of('sync')[0]?.frame.positions?.all ?? 0;
}

function expectPosition(line: ChainLine, position: number, why: string): void {
  if (standsAt(line) === position) return;
  throw new Violation(
    `the till says that it stands at ${standsAt(line)} of all; ${position} is right: ${why}`,
  );
}

/** Publishes prices of A from 1 on, and waits until the till has all. */
async function takes(scene: Scene, count: number): Promise<void> {
  const { chain, watch } = scene;
  const ids = Array.from({ length: count }, (_, index) => chain.publish(price('A', index + 1)).id);
  await watch.until(() => ids.every(id => chain.receiptsOf(id).length > 0), 'send receipts');
}

function refusedOnce(code: string): Rule {
  return {
    id: `sync-${code.replace('_', '-')}`,
    sentence: `sends a sync again that is answered ${code}, soon and on the same line`,
    place: 'what-happened-and-what-to-do',
    play: async scene => {
      const { chain } = scene;
      let refusals = 0;
      chain.answer = frame =>
        frame.action === 'sync' && refusals++ === 0 ? errorFrame(frame, code) : undefined;
      await scene.online();
      const [first, second] = chain.received.filter(({ frame }) => frame.action === 'sync');
      if (chain.lines.length > 1) throw new Violation(`the till left its line after ${code}`);
      if ((second?.at ?? 0) - (first?.at ?? 0) > 8_000)
        throw new Violation('the till waited for more than 8 seconds');
    },
  };
}

export const syncing: Rule[] = [
  {
    id: 'sync-first',
    sentence: 'syncs first on every line; only sales may go before it',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      const { chain, till } = scene;
      await scene.online();
      chain.admit = () => 500;
      chain.line?.break();
      await till.sell(sale(chain));
      await scene.nextLine(() => {
        chain.admit = () => undefined;
      });
      for (const { received } of chain.lines) {
        // Sales hang on nothing that a sync brings.
        const first = received.find(({ frame }) => !carriesSales(frame));
        if (first?.frame.action !== 'sync') {
          throw new Violation(`the till begins a line with a ${first?.frame.action}`);
        }
      }
    },
  },
  {
    id: 'sync-from-start',
    sentence: 'asks from the start where it has nothing',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      scene.chain.publish(price('A', 100));
      const line = await scene.online();
      expectPosition(line, 0, 'it has nothing yet');
      await scene.untilPrice('A', 100, 'it was in the answer to its sync');
    },
  },
  {
    id: 'sync-from-saved',
    sentence: 'asks from where it stands on the next line',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      const line = await scene.online();
      await takes(scene, 2);
      expectPosition(await scene.nextLine(() => line.break()), 2, 'it has sent receipts up to there');
    },
  },
  {
    id: 'state-killed',
    sentence: 'knows its prices after kill -9, without a chain',
    place: 'crash-points',
    play: async scene => {
      await scene.online();
      await takes(scene, 3);
      await scene.till.kill();
      await scene.chain.down();
      scene.till.start();
      await scene.price('A', 3, 'its receipt was sent before the restart');
    },
  },
  {
    id: 'state-one-write',
    sentence: 'has what it says that it has, however early it is killed',
    place: 'crash-points',
    seconds: 14,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      for (let round = 1; round <= 4; round += 1) {
        chain.publish(price('A', round));
        await watch.rest(round * 12);
        await till.kill();
        chain.admit = () => 500;
        till.start();
        const known = await till.price('A');
        chain.admit = () => undefined;
        const line = await scene.synced(chain.lines.length, 30_000);
        if (standsAt(line) > (known ?? 0)) {
          throw new Violation(
            `killed under way, the till stands at ${standsAt(line)}, with the price of ${known ?? 'none'}`,
          );
        }
        await scene.untilPrice('A', round, 'it was published');
      }
    },
  },
  {
    id: 'sync-more',
    sentence: 'asks on while there is more, from the positions just given',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      const { chain, watch } = scene;
      for (let n = 1; n <= 120; n += 1) chain.publish(price(`S${n}`, n));
      // Nothing else says that there is more.
      chain.answer = frame =>
        frame.action === 'report'
          ? chain.reportAccepted(frame, { positions: frame.positions ?? {} })
          : undefined;
      const line = await scene.online();
      await watch.until(() => line.of('sync').length >= 3, 'ask for all pages');
      const asked = line.of('sync').map(({ frame }) => frame.positions?.all ?? 0);
      if (asked.join() !== '0,50,100')
        throw new Violation(`the till asked from ${asked.join()}; 0,50,100 is right`);
      await scene.untilPrice('S120', 120, 'it was in the last page');
    },
  },
  {
    id: 'sync-unanswered',
    sentence: 'sends a sync that is not answered again, on the same line, not before some seconds',
    place: 'what-happened-and-what-to-do',
    seconds: 13,
    play: async scene => {
      const { chain, till } = scene;
      let lost = 0;
      chain.answer = frame => (frame.action === 'sync' && lost++ === 0 ? NOTHING : undefined);
      till.start();
      await scene.synced(0, 45_000);
      const [first, second] = chain.received.filter(({ frame }) => frame.action === 'sync');
      if (chain.lines.length > 1) throw new Violation('the till opened another line to repeat a sync');
      if ((second?.at ?? 0) - (first?.at ?? 0) < 3_000)
        throw new Violation('the till repeated a sync within 3 seconds');
    },
  },
  refusedOnce('rate_limited'),
  refusedOnce('internal'),
  {
    id: 'answer-unasked',
    sentence: 'passes over an answer to a question that it did not ask',
    place: 'live-updates-and-a-sync-under-way',
    play: async scene => {
      const line = await scene.online();
      await takes(scene, 1);
      const positions = Object.fromEntries(scene.chain.channels.map(channel => [channel, 9]));
      line.send(scene.chain.synced({ requestId: 'nobody-asked' }, { positions }));
      await scene.watch.rest(1_000);
      expectPosition(await scene.nextLine(() => line.break()), 1, 'the answer to 9 was to nobody’s question');
    },
  },
  {
    id: 'pong-ahead',
    sentence: 'syncs when the chain’s positions are ahead of its own',
    place: 'ping-are-you-there',
    seconds: 4,
    play: async scene => {
      const line = await scene.online();
      scene.chain.publish(price('A', 77), { isPosted: false });
      line.send(scene.chain.pong());
      await scene.untilPrice('A', 77, 'its post was lost, and a pong told of it', 15_000);
      expectPosition(line, 0, 'it has nothing yet');
    },
  },
  {
    id: 'pong-behind',
    sentence: 'never takes its positions back',
    place: 'live-updates-and-a-sync-under-way',
    play: async scene => {
      const { chain, watch } = scene;
      const line = await scene.online();
      await takes(scene, 2);
      line.send(chain.pong({ positions: Object.fromEntries(chain.channels.map(channel => [channel, 0])) }));
      await watch.rest(1_000);
      expectPosition(await scene.nextLine(() => line.break()), 2, 'an older answer came late');
    },
  },
  {
    id: 'moved',
    sentence: 'builds a new whole when it has moved to other channels: what it left is gone, in one step',
    place: 'sync-what-did-i-miss',
    seconds: 6,
    play: async scene => {
      const { chain, watch } = scene;
      const line = await scene.online();
      const north = { channels: ['region/north'] };
      const ids = [price('A', 100, north), price('B', 200), price('C', 300, north)].map(
        one => chain.publish(one).id,
      );
      await watch.until(() => ids.every(id => chain.receiptsOf(id)[0]), 'send receipts');
      chain.channels = ['all', 'region/south', 'group/city', `store/${chain.storeId}`];
      chain.publish(price('A', 150, { channels: ['region/south'] }), { isPosted: false });
      line.send(chain.pong());
      await scene.untilPrice('A', 150, 'the store has moved from north to south', 15_000);
      await scene.price('B', 200, 'it is for all');
      await scene.price('C', undefined, 'it is for the region that the store has left');
    },
  },
];
