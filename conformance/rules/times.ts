/** Rules of time: the chain's own, whatever the device's clock says, and the store's wall clock. */
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { Violation } from '../violation.ts';
import { offer, price } from './made.ts';

const TEN_MINUTES_MS = 600_000;
/** Ahead of Berlin, where the token says that the store is, the whole year. */
const FAR_ZONE = 'Asia/Tokyo';
const FAR_ZONE_HOURS = 9;

async function receiptOf({ chain, watch }: Scene, id: string) {
  return watch.until(() => chain.receiptsOf(id)[0]?.receipt, 'send a receipt');
}

async function expectExpired(scene: Scene, id: string, why: string): Promise<void> {
  const receipt = await receiptOf(scene, id);
  if (receipt.reason !== 'expired')
    throw new Violation(`the receipt of ${why} is ${JSON.stringify(receipt)}`);
}

async function expectApplied(scene: Scene, id: string, why: string): Promise<void> {
  const receipt = await receiptOf(scene, id);
  if (receipt.appliedAt === undefined)
    throw new Violation(`the receipt of ${why} is ${JSON.stringify(receipt)}`);
}

/** On the wall clock of the far zone. */
function farTime(scene: Scene, inMs: number): string {
  return new Date(scene.chain.now() + inMs + FAR_ZONE_HOURS * 3_600_000).toISOString().slice(0, 19);
}

/** The device's clock is ten minutes off. */
function skewed(id: string, skewMs: number, sentence: string, play: Rule['play']): Rule {
  return {
    id,
    sentence,
    place: 'update',
    seconds: 6,
    play: async scene => {
      scene.chain.skewMs = skewMs;
      await scene.online();
      await play(scene);
    },
  };
}

export const times: Rule[] = [
  {
    id: 'expired-posted',
    sentence: 'rejects an offer that arrives over as expired',
    place: 'applied-i-have-it',
    play: async scene => {
      const { chain } = scene;
      await scene.online();
      const { id } = chain.publish(offer('O1', 'A', { validUntil: chain.timestamp(-2_000) }));
      await expectExpired(scene, id, 'an offer that came after its end');
    },
  },
  {
    id: 'expired-synced',
    sentence: 'rejects an offer that is over as expired when a sync brings it, too',
    place: 'applied-i-have-it',
    play: async scene => {
      const { chain } = scene;
      const late = chain.log.append(
        offer('O1', 'A', { validUntil: chain.timestamp(-2_000) }),
        chain.timestamp(),
      );
      chain.answer = frame =>
        frame.action === 'sync' ? chain.synced(frame, { updates: [late] }) : undefined;
      scene.till.start();
      await expectExpired(scene, late.id, 'an offer that came after its end');
    },
  },
  skewed(
    'clock-behind',
    TEN_MINUTES_MS,
    'does not put an offer in force that is over by the chain’s time, with a clock ten minutes behind',
    async scene => {
      const { chain } = scene;
      const { id } = chain.publish(offer('O1', 'A', { validUntil: chain.timestamp(-2_000) }));
      await expectExpired(scene, id, 'an offer that is over by the chain’s time');
    },
  ),
  skewed(
    'clock-ahead',
    -TEN_MINUTES_MS,
    'puts an offer in force that still runs by the chain’s time, with a clock ten minutes ahead',
    async scene => {
      const { chain } = scene;
      const { id } = chain.publish(offer('O1', 'A', { validUntil: chain.timestamp(60_000) }));
      await expectApplied(scene, id, 'an offer that runs by the chain’s time');
    },
  ),
  skewed(
    'clock-start',
    TEN_MINUTES_MS,
    'puts a price in force at its validFrom by the chain’s time, with a clock ten minutes behind',
    async scene => {
      const { chain } = scene;
      chain.publish(price('A', 100));
      chain.publish(price('A', 150, { validFrom: chain.timestamp(4_000) }));
      await scene.untilPrice('A', 100, 'the other one begins later');
      await scene.untilPrice('A', 150, 'it has begun by the chain’s time');
    },
  ),
  skewed(
    'clock-end',
    TEN_MINUTES_MS,
    'ends a price at its validUntil by the chain’s time, with a clock ten minutes behind',
    async scene => {
      const { chain, watch } = scene;
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-1_000) }));
      const endsAt = performance.now() + 4_000;
      chain.publish(price('A', 80, { validUntil: chain.timestamp(4_000) }));
      await scene.untilPrice('A', 80, 'it runs', 3_000);
      await watch.rest(Math.max(0, endsAt + 500 - performance.now()));
      await scene.price('A', 100, 'the other one is over by the chain’s time');
    },
  ),
  skewed(
    'clock-receipt',
    TEN_MINUTES_MS,
    'writes appliedAt by the chain’s time, with a clock ten minutes behind',
    async scene => {
      const { chain } = scene;
      const { appliedAt = '' } = await receiptOf(scene, chain.publish(price('A', 100)).id);
      const offMs = Math.abs(Date.parse(appliedAt) - chain.now());
      if (!(offMs < 60_000))
        throw new Violation(`appliedAt is ${appliedAt}, and the chain has ${chain.timestamp()}`);
    },
  ),
  {
    id: 'clock-kept',
    sentence: 'keeps the chain’s time over a restart: without a line, it is no earlier than that',
    place: 'the-clock-before-the-first-line',
    seconds: 8,
    play: async scene => {
      const { chain, till, watch } = scene;
      chain.skewMs = TEN_MINUTES_MS;
      await scene.online();
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-1_000) }));
      chain.publish(price('A', 80, { validUntil: chain.timestamp(3_000) }));
      await watch.rest(4_000);
      const { id } = chain.publish(price('B', 5));
      await receiptOf(scene, id);
      await watch.rest(500);
      await till.kill();
      await chain.down();
      till.start();
      await scene.price('B', 5, 'it was in force before the restart');
      await scene.price('A', 100, 'the other one was over by the chain’s time before the restart');
    },
  },
  {
    id: 'local-start',
    sentence: 'reads a local time in the zone that the chain says, whatever the token says',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      chain.timeZone = FAR_ZONE;
      await scene.online();
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-86_400_000) }));
      chain.publish(price('A', 150, { validFromLocal: farTime(scene, -60_000) }));
      await scene.untilPrice('A', 150, `it began a minute ago in ${FAR_ZONE}`);
    },
  },
  {
    id: 'local-end',
    sentence: 'rejects an offer as expired that is over on the store’s own clock',
    place: 'update',
    play: async scene => {
      const { chain } = scene;
      chain.timeZone = FAR_ZONE;
      await scene.online();
      const { id } = chain.publish(offer('O1', 'A', { validUntilLocal: farTime(scene, -60_000) }));
      await expectExpired(scene, id, `an offer that ended a minute ago in ${FAR_ZONE}`);
    },
  },
  {
    id: 'local-kept',
    sentence: 'keeps the time zone that the chain said over a restart',
    place: 'update',
    seconds: 4,
    play: async scene => {
      const { chain, till, watch } = scene;
      chain.timeZone = FAR_ZONE;
      await scene.online();
      chain.publish(price('A', 100, { publishedAt: chain.timestamp(-86_400_000) }));
      const { id } = chain.publish(price('A', 150, { validFromLocal: farTime(scene, -60_000) }));
      await receiptOf(scene, id);
      await watch.rest(500);
      await till.kill();
      await chain.down();
      till.start();
      await scene.untilPrice('A', 150, `it began a minute ago in ${FAR_ZONE}`);
    },
  },
];
