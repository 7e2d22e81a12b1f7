/** Rules of updates: which are in force, and what the chain hears of them. */
import { NOTHING } from '../chain/scripted-chain.ts';
import type { Rule } from '../rule.ts';
import { Violation } from '../violation.ts';
import { carriesReceipts, price } from './made.ts';

export const updating: Rule[] = [
  {
    id: 'update-applied',
    sentence: 'puts an update in force that is posted, and sends its receipt',
    place: 'applied-i-have-it',
    play: async scene => {
      const { chain, watch } = scene;
      await scene.online();
      const { id } = chain.publish(price('A', 199));
      await scene.untilPrice('A', 199, 'it was posted');
      await watch.until(
        () => chain.receiptsOf(id).some(({ receipt }) => receipt.appliedAt),
        'send a receipt',
      );
    },
  },
  {
    id: 'receipt-repeated',
    sentence: 'repeats a receipt that was not accepted, on the same line and with the same appliedAt',
    place: 'applied-i-have-it',
    seconds: 16,
    play: async scene => {
      const { chain, watch } = scene;
      await scene.online();
      chain.answer = frame => (carriesReceipts(frame) ? NOTHING : undefined);
      const { id } = chain.publish(price('A', 199));
      await watch.until(() => chain.receiptsOf(id).length > 1, 'repeat a receipt', 40_000);
      const times = new Set(chain.receiptsOf(id).map(({ receipt }) => receipt.appliedAt));
      if (times.size > 1) throw new Violation('the repeated receipt has another appliedAt');
      if (chain.lines.length > 1) throw new Violation('the till opened another line to repeat a receipt');
    },
  },
  {
    id: 'receipt-killed',
    sentence: 'sends a receipt that was not accepted again after kill -9',
    place: 'crash-points',
    play: async scene => {
      const { chain, watch } = scene;
      await scene.online();
      chain.answer = frame => (carriesReceipts(frame) ? NOTHING : undefined);
      const { id } = chain.publish(price('A', 199));
      await watch.until(() => chain.receiptsOf(id)[0], 'send a receipt');
      chain.answer = () => undefined;
      await scene.killed();
      await watch.until(() => chain.receiptsOf(id).length > 1, 'send the receipt again after a restart');
      await scene.price('A', 199, 'it was in force before the restart');
    },
  },
  {
    id: 'unknown-kind',
    sentence: 'passes over an update of a kind that it does not know, and rejects it as unsupported_kind',
    place: 'update',
    play: async scene => {
      const { chain, watch } = scene;
      const line = await scene.online();
      const { id } = chain.publish({ kind: 'weather.changed', data: { sky: 'blue' } });
      const receipt = await watch.until(
        () => chain.receiptsOf(id)[0]?.receipt,
        'send a receipt for an unknown kind',
      );
      if (receipt.reason !== 'unsupported_kind') {
        throw new Violation(`the receipt of an unknown kind is ${JSON.stringify(receipt)}`);
      }
      const next = await scene.nextLine(() => line.break());
      const [sync] = next.of('sync');
      if (sync?.frame.positions?.all !== 1) {
        throw new Violation(
          `the update took no position: the till stands at ${sync?.frame.positions?.all} of all`,
        );
      }
    },
  },
];
