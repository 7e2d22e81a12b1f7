/** Rules of frames that a till doesn't know or can't read, and of how large its own are. */
import { gatewayError, saleIdsIn } from '../chain/answers.ts';
import { NOTHING, type ScriptedChain } from '../chain/scripted-chain.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { Violation } from '../violation.ts';
import { carriesSales, price, sale } from './made.ts';

/** The till stays on its first line, and takes what is posted. */
async function goesOn(scene: Scene, after: string): Promise<void> {
  const [line] = scene.chain.lines;
  await scene.watch.never(() => !line?.isOpen, `left its line after ${after}`, 2_000);
  scene.chain.publish(price('Z', 1));
  await scene.untilPrice('Z', 1, `it was posted after ${after}`);
}

export const oddFrames: Rule[] = [
  {
    id: 'frame-unknown',
    sentence: 'passes over a frame of a type that it does not know',
    place: 'what-happened-and-what-to-do',
    seconds: 3,
    play: async scene => {
      const line = await scene.online();
      line.send({ type: 'weather', sky: 'blue', positions: { all: 4 } });
      await goesOn(scene, 'a frame of an unknown type');
    },
  },
  {
    id: 'frame-unreadable',
    sentence: 'passes over what it cannot read',
    place: 'what-happened-and-what-to-do',
    play: async scene => {
      const line = await scene.online();
      const wrong = [
        '{"type": "upd',
        '[]',
        '17',
        'null',
        '{"type":"update"}',
        '{"type":"pong","positions":3}',
        '{"type":[]}',
      ];
      for (const text of wrong) line.send(text);
      await goesOn(scene, 'frames that can’t be read');
    },
  },
  {
    id: 'fields-unknown',
    sentence: 'ignores fields that it does not know, in every frame',
    place: 'the-line-between-a-store-and-the-chain',
    play: async scene => {
      const { chain, watch } = scene;
      const later = { ofLater: { deep: [1, null] } };
      chain.answer = frame => {
        if (frame.action === 'sync') return { ...chain.synced(frame, { updates: [] }), ...later };
        if (frame.action === 'report') return { ...chain.reportAccepted(frame, {}), ...later };
        return undefined;
      };
      scene.till.start();
      await watch.until(() => chain.received.some(({ frame }) => frame.action === 'sync'), 'sync');
      const { id } = chain.publish({
        ...price('A', 1),
        ...later,
        data: { prices: [{ sku: 'A', amount: 199, currency: 'EUR', ...later }], ...later },
      });
      await scene.untilPrice('A', 199, 'it was posted, with fields of a later version');
      await watch.until(
        () => chain.receiptsOf(id).some(({ receipt }) => receipt.appliedAt),
        'send its receipt',
      );
    },
  },
  {
    id: 'synced-broken-update',
    sentence: 'loses nothing but a broken update in the answer to a sync',
    place: 'the-line-between-a-store-and-the-chain',
    play: async scene => {
      const { chain } = scene;
      chain.log.append({ ...price('A', 1), publishedAt: 17 as never, data: 'none' }, chain.timestamp());
      chain.log.append(price('B', 2), chain.timestamp());
      await scene.online();
      await scene.untilPrice('B', 2, 'it was in the answer, beside a broken one');
    },
  },
  {
    id: 'gateway-error',
    sentence: 'sends again what waits for an answer after the gateway’s own error frame',
    place: 'error',
    seconds: 4,
    play: async scene => {
      const { chain, till, watch } = scene;
      const line = await scene.online();
      let failures = 0;
      chain.answer = frame => (carriesSales(frame) && failures++ === 0 ? gatewayError() : undefined);
      const sold = sale(chain);
      await till.sell(sold);
      await watch.until(() => chain.salesOf(sold.saleId).length > 1, 'send the sale again', 30_000);
      if (!line.isOpen) throw new Violation('the till left its line after the gateway’s error');
    },
  },
  {
    id: 'gateway-error-ping',
    sentence: 'takes the gateway’s error frame for an answer to its ping: somebody is there',
    place: 'what-happened-and-what-to-do',
    seconds: 45,
    play: async scene => {
      const { chain, till, watch } = scene;
      const line = await scene.online();
      chain.answer = frame => {
        if (frame.action === 'ping') return gatewayError();
        return carriesSales(frame) ? NOTHING : undefined;
      };
      await till.sell(sale(chain));
      await watch.never(() => !line.isOpen, 'gave up a line on which the gateway answered', 44_000);
    },
  },
  {
    id: 'frame-size',
    sentence: 'sends no frame above 32 KB of UTF-8, however large its sales are',
    place: 'one-frame-is-one-message',
    seconds: 8,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      await chain.down();
      const sold = Array.from({ length: 8 }, () => sale(chain, { note: '€'.repeat(3_000) }));
      for (const one of sold) await till.sell(one);
      await chain.up();
      await watch.until(() => areSent(sold, chain), 'send all of its sales', 40_000);
    },
  },
  {
    id: 'frame-sales',
    sentence: 'sends at most 50 sales a frame',
    place: 'sales-this-is-what-i-sold',
    seconds: 10,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      await chain.down();
      const sold = Array.from({ length: 120 }, () => sale(chain));
      await Promise.all(sold.map(one => till.sell(one)));
      await chain.up();
      await watch.until(() => areSent(sold, chain), 'send all of its sales', 60_000);
    },
  },
  {
    id: 'frame-same-id',
    sentence: 'sends no two sales of one saleId in a frame, also where two tills number alike',
    place: 'sales-this-is-what-i-sold',
    seconds: 10,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      await chain.down();
      const first = sale(chain, { till: '1' });
      await till.sell(first);
      // A till may also refuse it as long as the first one is on its way.
      const second = { ...first, till: '2' };
      await till.sell(second);
      await chain.up();
      await watch.until(() => chain.salesOf(first.saleId)[0], 'send its sales', 60_000);
      const areTogether = () => chain.received.some(({ frame }) => saleIdsIn(frame).length > 1);
      await watch.never(areTogether, 'sent two sales of one saleId in a frame', 4_000);
    },
  },
  {
    id: 'frame-receipts',
    sentence: 'sends at most 100 receipts a frame',
    place: 'applied-i-have-it',
    play: async scene => {
      const { chain, watch } = scene;
      const ids = Array.from({ length: 250 }, (_, n) => chain.publish(price(`S${n}`, n + 1)).id);
      await scene.online();
      const all = () => ids.every(id => chain.receiptsOf(id).length > 0) || chain.faults.length > 0;
      await watch.until(all, 'send all of its receipts', 40_000);
    },
  },
];

/** A fault of the till ends the waiting, too. */
function areSent(sold: readonly { saleId: string }[], chain: ScriptedChain): boolean {
  return sold.every(({ saleId }) => chain.salesOf(saleId).length > 0) || chain.faults.length > 0;
}
