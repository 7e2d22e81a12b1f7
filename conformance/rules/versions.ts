/** Rules of versions: which price and which offer hold, in whatever order they come. */
import type { Publication } from '../chain/channel-log.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { NotApplicable, Violation } from '../violation.ts';
import { offer, price } from './made.ts';

/** All that was posted before has been taken. */
async function settled(scene: Scene): Promise<void> {
  scene.chain.publish(price('LAST', 1));
  await scene.untilPrice('LAST', 1, 'it was posted');
}

/** @throws NotApplicable for a till that isn't asked for offers */
async function untilOffers(
  { till, watch }: Scene,
  sku: string,
  expected: string,
  why: string,
): Promise<void> {
  const until = performance.now() + 8_000;
  for (;;) {
    const offers = await till.offers(sku);
    if (offers === undefined) throw new NotApplicable('it does not answer {"ask": {"offers": SKU}}');
    if (offers.toSorted().join() === expected) return;
    if (performance.now() > until) {
      throw new Violation(`the till has the offers [${offers}] where [${expected}] is right: ${why}`);
    }
    await watch.rest(100);
  }
}

/** A price that a withdrawal brings back to the channel `all`. */
function restoredFrom({ id, publishedAt }: { id: string; publishedAt: string }, { data }: Publication) {
  const { prices } = data as { prices: unknown[] };
  return { updateId: id, publishedAt, validFrom: null, validUntil: null, channels: ['all'], prices };
}

export const versions: Rule[] = [
  {
    id: 'version-late',
    sentence: 'lets the price that was published last win, in whatever order they come',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      chain.publish(price('A', 200, { publishedAt: chain.timestamp(-1_000) }));
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-60_000) }));
      await settled(scene);
      await scene.price('A', 200, 'it was published last, though it came first');
    },
  },
  {
    id: 'version-id',
    sentence: 'lets the greatest id win of prices that were published in the same moment',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      const publishedAt = chain.timestamp(-1_000);
      chain.publish(price('A', 200, { publishedAt, id: 'b2' }));
      chain.publish(price('A', 100, { publishedAt, id: 'a9' }));
      await settled(scene);
      await scene.price('A', 200, 'its id b2 is greater than a9');
    },
  },
  {
    id: 'version-effective',
    sentence: 'lets the price win that has begun last, though it was published before the other',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      chain.publish(
        price('A', 300, { publishedAt: chain.timestamp(-7_200_000), validFrom: chain.timestamp(-1_000) }),
      );
      chain.publish(price('A', 200, { publishedAt: chain.timestamp(-60_000) }));
      await settled(scene);
      await scene.price('A', 300, 'it began a second ago, the other a minute ago');
    },
  },
  {
    id: 'version-scheduled',
    sentence: 'leaves a price in force until the next one begins, and puts that in force on time',
    place: 'update',
    seconds: 6,
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-1_000) }));
      const { id } = chain.publish(price('A', 150, { validFrom: chain.timestamp(4_000) }));
      await scene.watch.until(() => chain.receiptsOf(id)[0], 'send its receipt before it begins', 3_500);
      await scene.price('A', 100, 'the next one has not begun');
      await scene.untilPrice('A', 150, 'it has begun');
    },
  },
  {
    id: 'version-ended',
    sentence: 'goes back to the price of before when one ends',
    place: 'update',
    seconds: 6,
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-1_000) }));
      chain.publish(price('A', 80, { validUntil: chain.timestamp(3_000) }));
      await scene.untilPrice('A', 80, 'it runs', 2_500);
      await scene.untilPrice('A', 100, 'the other one is over');
    },
  },
  {
    id: 'version-type',
    sentence: 'keeps a member price apart from the regular one',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      chain.publish(price('A', 200));
      const prices = [
        { sku: 'A', amount: 150, currency: 'EUR', priceType: 'member' },
        { sku: 'B', amount: 9, currency: 'EUR' },
      ];
      chain.publish({ data: { prices } });
      await scene.untilPrice('B', 9, 'it was posted');
      await scene.price('A', 200, 'the other one is for members');
    },
  },
  {
    id: 'price-withdrawn',
    sentence:
      'counts withdrawn prices as never published, also when they come later, and takes in what is restored',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      const replaced = chain.publish(price('A', 100));
      const { id } = chain.publish(price('A', 150));
      await scene.untilPrice('A', 150, 'it was posted');
      // What the till may have forgotten, and what it never had.
      const restored = [
        restoredFrom(replaced, price('A', 100)),
        restoredFrom({ id: 'of-before', publishedAt: chain.timestamp(-60_000) }, price('B', 9)),
      ];
      const updates = [id, 'comes-later'];
      chain.publish({ kind: 'price.withdrawn', data: { updates, restored } });
      await scene.untilPrice('A', 100, 'the other one was withdrawn');
      chain.publish(price('A', 170, { id: 'comes-later' }));
      await settled(scene);
      await scene.price('A', 100, 'the other one was withdrawn before it came');
      await scene.price('B', 9, 'the withdrawal has restored it');
      const both = [
        { sku: 'A', amount: 180, currency: 'EUR' },
        { sku: 'B', amount: 18, currency: 'EUR' },
      ];
      const { id: part } = chain.publish({ data: { prices: both } });
      await scene.untilPrice('B', 18, 'it was posted');
      const data = { updates: [part], skus: ['A'], restored: restored.slice(0, 1) };
      chain.publish({ kind: 'price.withdrawn', data });
      await scene.untilPrice('A', 100, 'the other one was withdrawn');
      await scene.price('B', 18, 'it was withdrawn for another SKU');
    },
  },
  {
    id: 'data-wrong',
    sentence: 'rejects an update whose data is not as its kind says, with what is wrong',
    place: 'which-receipts-when',
    play: async scene => {
      const { chain, watch } = scene;
      await scene.online();
      const { id } = chain.publish({ data: { prices: 'twice as much' } });
      const receipt = await watch.until(() => chain.receiptsOf(id)[0]?.receipt, 'send a receipt');
      if (!receipt.reason)
        throw new Violation(`the receipt of a price without prices is ${JSON.stringify(receipt)}`);
      await settled(scene);
    },
  },
  {
    id: 'offer-ends',
    sentence: 'has an offer in force from its validFrom to its validUntil, and never later',
    place: 'update',
    seconds: 9,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      const endsAt = performance.now() + 6_000;
      chain.publish(
        offer('O1', 'A', { validFrom: chain.timestamp(2_500), validUntil: chain.timestamp(6_000) }),
      );
      await settled(scene);
      await untilOffers(scene, 'A', 'O1', 'it has begun');
      await watch.rest(Math.max(0, endsAt + 300 - performance.now()));
      const late = await till.offers('A');
      if (late?.includes('O1')) throw new Violation('the offer is in force after its end');
    },
  },
  {
    id: 'offer-withdrawn',
    sentence: 'ends an offer that is withdrawn, also when the withdrawal comes first',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      const validUntil = chain.timestamp(3_600_000);
      const withdrawn = (offerId: string) => ({ kind: 'offer.withdrawn', data: { offerId } });
      chain.publish(withdrawn('O2'));
      chain.publish(offer('O1', 'A', { validUntil, publishedAt: chain.timestamp(-3_000) }));
      chain.publish(offer('O2', 'A', { validUntil, publishedAt: chain.timestamp(-3_000) }));
      chain.publish(offer('O3', 'A', { validUntil, publishedAt: chain.timestamp(-3_000) }));
      await untilOffers(scene, 'A', 'O1,O3', 'O2 was withdrawn after it was published');
      chain.publish(withdrawn('O1'));
      await untilOffers(scene, 'A', 'O3', 'O1 is withdrawn');
    },
  },
  {
    id: 'offer-version',
    sentence: 'counts the event of an offer alone that was published last',
    place: 'an-offers-next-version',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      const validUntil = chain.timestamp(3_600_000);
      chain.publish(offer('O1', 'A', { validUntil, publishedAt: chain.timestamp(-3_000) }));
      await untilOffers(scene, 'A', 'O1', 'it runs');
      // Of next week: from its publication, the one of today is over.
      chain.publish(offer('O1', 'A', { validFrom: chain.timestamp(1_800_000), validUntil }));
      await untilOffers(scene, 'A', '', 'its next version begins later, and it alone counts');
      chain.publish(offer('O1', 'A', { validUntil, publishedAt: chain.timestamp(-60_000) }));
      await settled(scene);
      await untilOffers(scene, 'A', '', 'an older version came late');
    },
  },
];
