/** Rules of sales: each is kept until the chain has it, and never changed. */
import { isDeepStrictEqual } from 'node:util';
import { errorFrame, saleIdsIn } from '../chain/answers.ts';
import type { Frame } from '../chain/chain-line.ts';
import { NOTHING } from '../chain/scripted-chain.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { Violation } from '../violation.ts';
import { carriesSales, type MadeSale, sale } from './made.ts';

/** Waits until the sale has come so often. @throws Violation if it isn't what the till was told to sell */
async function untilSold(
  { chain, watch }: Scene,
  sold: MadeSale,
  times = 1,
  withinMs?: number,
): Promise<void> {
  const came = () => chain.salesOf(sold.saleId).length >= times;
  await watch.until(came, times === 1 ? 'send a sale' : 'send a sale again', withinMs);
  for (const { sale } of chain.salesOf(sold.saleId)) {
    for (const [field, value] of Object.entries(sold)) {
      if (isDeepStrictEqual(sale[field], value)) continue;
      const [was, is] = [value, sale[field]].map(part => JSON.stringify(part));
      throw new Violation(`the sale's ${field} was ${was} when it was sold, and is ${is} as it is sent`);
    }
  }
}

export const selling: Rule[] = [
  {
    id: 'sale-sent',
    sentence: 'sends a sale as it was sold, whatever fields it has',
    place: 'sales-this-is-what-i-sold',
    play: async scene => {
      await scene.online();
      const sold = sale(scene.chain, {
        till: '3',
        sequence: 17,
        type: 'sale',
        operator: 'Zoë ☕',
        lines: [
          {
            sku: '4006381333931',
            quantity: 0.125,
            unit: 'KGM',
            unitPrice: 3896,
            amount: 487,
            note: 'a field of later',
          },
        ],
        loyalty: { card: '9', points: [1, 2.5] },
      });
      await scene.till.sell(sold);
      await untilSold(scene, sold);
    },
  },
  {
    id: 'sale-repeated',
    sentence: 'sends a sale that is not answered again, on the same line, with the same saleId and soldAt',
    place: 'what-happened-and-what-to-do',
    seconds: 16,
    play: async scene => {
      await scene.online();
      scene.chain.answer = frame => (carriesSales(frame) ? NOTHING : undefined);
      const sold = sale(scene.chain);
      await scene.till.sell(sold);
      await untilSold(scene, sold, 2, 40_000);
      if (scene.chain.lines.length > 1) throw new Violation('the till opened another line to repeat a sale');
    },
  },
  {
    id: 'sale-new-line',
    sentence:
      'sends a sale that was not answered again at once on the next line, with the same saleId and soldAt',
    place: 'what-happened-and-what-to-do',
    play: async scene => {
      const line = await scene.online();
      const { chain } = scene;
      chain.answer = frame => (carriesSales(frame) ? NOTHING : undefined);
      const sold = sale(chain);
      await scene.till.sell(sold);
      await untilSold(scene, sold);
      chain.answer = () => undefined;
      const next = await scene.nextLine(() => line.break());
      const again = () =>
        next.received.some(({ frame }) => frame.sales?.some((one: MadeSale) => one.saleId === sold.saleId));
      await scene.watch.until(again, 'send the sale again on its next line', 6_000);
      await untilSold(scene, sold, 2);
    },
  },
  {
    id: 'sale-killed',
    sentence: 'keeps a sale through kill -9, also one that was never sent',
    place: 'crash-points',
    play: async scene => {
      const { chain, till } = scene;
      await scene.online();
      await chain.down();
      const sold = sale(chain);
      await till.sell(sold);
      await till.kill();
      await chain.up();
      till.start();
      await untilSold(scene, sold);
    },
  },
  {
    id: 'sale-answer-lost',
    sentence: 'sends a sale whose answer was lost again after kill -9, with the same saleId and soldAt',
    place: 'crash-points',
    play: async scene => {
      const { chain, till } = scene;
      await scene.online();
      chain.answer = frame => (carriesSales(frame) ? NOTHING : undefined);
      const sold = sale(chain);
      await till.sell(sold);
      await untilSold(scene, sold);
      chain.answer = () => undefined;
      await scene.killed();
      await untilSold(scene, sold, 2);
    },
  },
  {
    id: 'sale-rejected',
    sentence: 'does not send a rejected sale again, and sends the others',
    place: 'sales-this-is-what-i-sold',
    seconds: 18,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      const [bad, good] = [sale(chain), sale(chain)];
      const rejected = [
        { saleId: bad.saleId, code: 'invalid_sale', message: 'lines.0.sku: as the scenario has it' },
      ];
      chain.answer = frame => {
        if (!frame.sales?.some(({ saleId }: MadeSale) => saleId === bad.saleId)) return undefined;
        const saleIds = frame.sales
          .map(({ saleId }: MadeSale) => saleId)
          .filter((id: string) => id !== bad.saleId);
        if (frame.action === 'report') return chain.reportAccepted(frame, { saleIds, rejected });
        return { type: 'sales.accepted', requestId: frame.requestId, saleIds, rejected };
      };
      await till.sell(bad);
      await untilSold(scene, bad);
      await till.sell(good);
      await untilSold(scene, good);
      const line = await scene.killed();
      const again = () => chain.salesOf(bad.saleId).length > 1;
      await watch.never(again, 'sent a sale again that was rejected', 8_000);
      if (!line.isOpen) throw new Violation('the till left its line after a rejected sale');
    },
  },
  {
    id: 'sale-accepted',
    sentence: 'does not send a sale again that was accepted, also after a restart',
    place: 'sales-this-is-what-i-sold',
    seconds: 20,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      const sold = sale(chain);
      await till.sell(sold);
      await untilSold(scene, sold);
      const again = () => chain.salesOf(sold.saleId).length > 1;
      await watch.never(again, 'sent a sale again that was accepted', 14_000);
      await scene.killed();
      await watch.never(again, 'sent a sale again that was accepted before the restart', 4_000);
    },
  },
  {
    id: 'sale-internal',
    sentence: 'sends sales again that are answered internal or rate_limited',
    place: 'what-happened-and-what-to-do',
    seconds: 6,
    play: async scene => {
      const { chain, till } = scene;
      const line = await scene.online();
      const codes = ['internal', 'rate_limited'];
      chain.answer = frame => {
        const code = carriesSales(frame) ? codes.shift() : undefined;
        return code === undefined ? undefined : errorFrame(frame, code);
      };
      const sold = sale(chain);
      await till.sell(sold);
      await untilSold(scene, sold, 3, 9_000);
      if (!line.isOpen) throw new Violation('the till left its line after an error frame');
    },
  },
  {
    id: 'sale-invalid-frame',
    sentence: 'finds the one sale that spoils a frame, and gets the others through',
    place: 'what-happened-and-what-to-do',
    seconds: 14,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      await chain.down();
      const sold = Array.from({ length: 9 }, () => sale(chain));
      const spoiling = sold[5]?.saleId ?? '';
      const spoils = (frame: Frame) => saleIdsIn(frame).includes(spoiling);
      chain.answer = frame =>
        spoils(frame) ? errorFrame(frame, 'invalid_frame', 'sales: too deep') : undefined;
      for (const one of sold) await till.sell(one);
      await chain.up();
      const isThrough = (saleId: string) =>
        chain.salesOf(saleId).some(({ received }) => !spoils(received.frame));
      const others = sold.filter(({ saleId }) => saleId !== spoiling);
      await watch.until(
        () => others.every(({ saleId }) => isThrough(saleId)),
        'get the good sales through',
        60_000,
      );
    },
  },
  {
    id: 'sale-in-future',
    sentence: 'sends a sale that was rejected as sold_in_future again once it is due',
    place: 'sales-this-is-what-i-sold',
    seconds: 10,
    play: async scene => {
      const { chain, till, watch } = scene;
      await scene.online();
      const sold = sale(chain, { soldAt: chain.timestamp(6_000) });
      const rejected = [{ saleId: sold.saleId, code: 'sold_in_future', message: 'soldAt: is ahead' }];
      const isDue = () => chain.timestamp() >= sold.soldAt;
      chain.answer = frame => {
        if (!saleIdsIn(frame).includes(sold.saleId) || isDue()) return undefined;
        if (frame.action === 'report') return chain.reportAccepted(frame, { saleIds: [], rejected });
        return { type: 'sales.accepted', requestId: frame.requestId, saleIds: [], rejected };
      };
      await till.sell(sold);
      const came = () => isDue() && chain.salesOf(sold.saleId).length > 0;
      await watch.until(came, 'send a sale that is due', 30_000);
      const times = chain.salesOf(sold.saleId).length;
      // A round trip takes a millisecond here.
      if (times > 20) throw new Violation(`the till sent a sale ${times} times before it was due`);
    },
  },
];
