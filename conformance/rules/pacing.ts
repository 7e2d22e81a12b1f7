/** Rules of when a till says what it has to say. */
import { errorFrame } from '../chain/answers.ts';
import type { Rule } from '../rule.ts';
import { NotApplicable } from '../violation.ts';
import { price, sale } from './made.ts';

/** "Within some hundred milliseconds", on a busy machine. */
const AT_ONCE_MS = 5_000;

export const pacing: Rule[] = [
  {
    id: 'pace-watched',
    sentence: 'sends what waits when somebody begins to watch, and what it sells within a second or so',
    place: 'pace',
    seconds: 6,
    play: async scene => {
      const { chain, till, watch } = scene;
      chain.reportEveryMs = 60_000;
      const line = await scene.online();
      const waiting = sale(chain);
      await till.sell(waiting);
      const { id } = chain.publish(price('A', 100));
      await watch.rest(1_500);
      chain.reportEveryMs = 1_000;
      line.send({ type: 'pace', reportEveryMs: 1_000, until: chain.timestamp(300_000) });
      const cameAll = () => chain.salesOf(waiting.saleId).length > 0 && chain.receiptsOf(id).length > 0;
      await watch.until(cameAll, 'send what waited after a pace frame', AT_ONCE_MS);
      const next = sale(chain);
      await till.sell(next);
      await watch.until(
        () => chain.salesOf(next.saleId)[0],
        'send a sale while somebody watches',
        AT_ONCE_MS,
      );
    },
  },
  {
    id: 'receipts-now',
    sentence: 'sends the receipt of an update at once that says `"receipts": "now"`',
    place: 'update',
    play: async scene => {
      const { chain, watch } = scene;
      chain.reportEveryMs = 60_000;
      await scene.online();
      const { id } = chain.publish(price('A', 100, { receipts: 'now' }));
      await watch.until(() => chain.receiptsOf(id)[0], 'send a receipt that somebody waits for', AT_ONCE_MS);
    },
  },
  {
    id: 'stop-sends',
    sentence: 'sends what it still holds when it is told to stop',
    place: 'report-all-of-it-in-one-frame',
    play: async scene => {
      const { chain, till, watch } = scene;
      chain.reportEveryMs = 60_000;
      await scene.online();
      const sold = sale(chain);
      await till.sell(sold);
      await till.stop();
      await watch.until(() => chain.salesOf(sold.saleId)[0], 'send its last sale before it stopped', 1_000);
    },
  },
  {
    id: 'report-unknown',
    sentence: 'sends `sales` and `applied` to an older chain that does not know `report`',
    place: 'what-happened-and-what-to-do',
    seconds: 6,
    play: async scene => {
      const { chain, till, watch } = scene;
      let reports = 0;
      chain.answer = frame => {
        if (frame.action !== 'report') return undefined;
        reports += 1;
        return errorFrame(frame, 'unknown_action');
      };
      const line = await scene.online();
      const sold = sale(chain);
      await till.sell(sold);
      const { id } = chain.publish(price('A', 100));
      const plain = () =>
        line
          .of('sales')
          .some(({ frame }) => frame.sales.some((one: { saleId: string }) => one.saleId === sold.saleId));
      await watch.until(plain, 'send its sale in a `sales` frame', 40_000);
      const receipt = () => chain.receiptsOf(id).some(({ received }) => received.frame.action === 'applied');
      await watch.until(receipt, 'send its receipt in an `applied` frame', 40_000);
      if (reports === 0) throw new NotApplicable('it sends no reports');
    },
  },
];
