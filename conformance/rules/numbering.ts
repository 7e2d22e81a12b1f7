/** Rules of positions: gaps, duplicates, channels that are not the store's. */
import type { Rule } from '../rule.ts';
import { Violation } from '../violation.ts';
import { price } from './made.ts';

export const numbering: Rule[] = [
  {
    id: 'gap-synced',
    sentence: 'applies what comes past a gap at once, and syncs some seconds later from where the gap begins',
    place: 'update',
    seconds: 6,
    play: async scene => {
      const { chain, watch } = scene;
      const line = await scene.online();
      const { id } = chain.publish(price('A', 1));
      await watch.until(() => chain.receiptsOf(id)[0], 'send a receipt');
      chain.publish(price('B', 2), { isPosted: false });
      const asked = line.of('sync').length;
      chain.publish(price('C', 3));
      await scene.untilPrice('C', 3, 'it was posted, and a gap before it is no reason to wait', 1_500);
      const sync = await watch.until(() => line.of('sync')[asked], 'sync because of a gap', 9_000);
      if (sync.frame.positions?.all !== 1) {
        throw new Violation(`the till asks from ${sync.frame.positions?.all} of all; the gap begins after 1`);
      }
      await scene.untilPrice('B', 2, 'the sync brought it');
    },
  },
  {
    id: 'gap-waits',
    sentence: 'does not sync for a gap that closes by itself within a moment',
    place: 'update',
    seconds: 9,
    play: async scene => {
      const { chain, watch } = scene;
      const line = await scene.online();
      const asked = line.of('sync').length;
      const late = chain.publish(price('A', 1), { isPosted: false });
      chain.publish(price('B', 2));
      await watch.rest(500);
      line.send(late);
      await scene.untilPrice('A', 1, 'it was posted, a little late');
      const isAsked = () => line.of('sync').length > asked;
      await watch.never(isAsked, 'syncs though one broadcast has but overtaken another', 7_000);
      const next = await scene.nextLine(() => line.break());
      const stands = next.of('sync')[0]?.frame.positions?.all;
      if (stands !== 2)
        throw new Violation(`the till stands at ${stands} of all; the gap has closed, so 2 is right`);
    },
  },
  {
    id: 'duplicate',
    sentence: 'does nothing with an update that comes again, once its receipt is accepted',
    place: 'which-receipts-when',
    seconds: 6,
    play: async scene => {
      const { chain, watch } = scene;
      const line = await scene.online();
      const update = chain.publish(price('A', 100));
      await watch.until(() => chain.receiptsOf(update.id)[0], 'send a receipt');
      await watch.rest(500);
      line.send(update);
      line.send(update);
      const again = () => chain.receiptsOf(update.id).length > 1;
      await watch.never(again, 'sends an accepted receipt again', 4_000);
    },
  },
  {
    id: 'duplicate-receipt',
    sentence: 'sends the same receipt again for an update that comes again before it was accepted',
    place: 'which-receipts-when',
    seconds: 14,
    play: async scene => {
      const { chain, watch } = scene;
      await scene.online();
      let answers = 0;
      chain.answer = frame => {
        if (!frame.updates?.length) return undefined;
        answers += 1;
        // Accepted, and the answer names nobody.
        if (answers > 1) return undefined;
        const ids: string[] = [];
        return frame.action === 'report'
          ? chain.reportAccepted(frame, { ids })
          : { type: 'applied.accepted', requestId: frame.requestId, ids };
      };
      const update = chain.publish(price('A', 100));
      await watch.until(() => chain.receiptsOf(update.id)[0], 'send a receipt');
      chain.line?.send(update);
      await watch.until(
        () => chain.receiptsOf(update.id)[1],
        'repeat a receipt that no answer has named',
        40_000,
      );
      const [first, second] = chain.receiptsOf(update.id).map(({ receipt }) => receipt.appliedAt);
      if (first !== second) throw new Violation(`the receipt said ${first}, and then ${second}`);
    },
  },
  {
    id: 'seen-in-one',
    sentence: 'has seen an update once any of its own channels has passed it',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      const line = await scene.online();
      const first = chain.publish(price('A', 100));
      await scene.untilPrice('A', 100, 'it was posted');
      const positions = { ...first.positions, [`store/${chain.storeId}`]: 1 };
      line.send({
        ...first,
        id: 'seen-before',
        positions,
        ...price('A', 999),
        publishedAt: chain.timestamp(),
      });
      chain.publish(price('B', 5));
      await scene.untilPrice('B', 5, 'it was posted');
      await scene.price('A', 100, 'an update at a position that was passed has been seen');
    },
  },
  {
    id: 'foreign-channel',
    sentence: 'leaves alone what was published to no channel of its own, and sends no receipt of it',
    place: 'which-receipts-when',
    seconds: 5,
    play: async scene => {
      const { chain, watch } = scene;
      await scene.online();
      const { id } = chain.publish(price('A', 999, { channels: ['store/of-somebody-else'] }));
      const told = () => chain.receiptsOf(id).length > 0;
      await watch.never(told, 'sent a receipt of an update for another store', 3_000);
      await scene.price('A', undefined, 'it is another store’s');
    },
  },
  {
    id: 'foreign-position',
    sentence: 'ignores positions in channels that are not its own',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      const line = await scene.online();
      chain.publish(price('A', 100, { positions: { all: 1, 'region/south': 7 } }));
      await scene.untilPrice('A', 100, 'it is for all');
      const next = await scene.nextLine(() => line.break());
      const stands = next.of('sync')[0]?.frame.positions?.all;
      if (stands !== 1)
        throw new Violation(`the till stands at ${stands} of all; it has 1, and region/south is not its own`);
    },
  },
];
