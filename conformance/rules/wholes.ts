/** Rules of a new whole: the state that takes the place of all that a till has had. */
import { errorFrame } from '../chain/answers.ts';
import type { ChainLine, Frame } from '../chain/chain-line.ts';
import { NOTHING } from '../chain/scripted-chain.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { Violation } from '../violation.ts';
import { price } from './made.ts';

const CURSORS = ['page-2-of-3', 'page-3-of-3'];

interface Whole {
  line: ChainLine;
  /** Answers the next page, which a till may ask for only then. */
  turn: () => Promise<void>;
  /** Of what comes with the first page. */
  firstId: string;
}

/**
 * A till that has A at 100 and B at 200 comes back to a log that no longer reaches so far. The state is A at 300 and C
 * at 7, in three pages, of which the first is answered.
 */
async function begun(scene: Scene): Promise<Whole> {
  const { chain, watch } = scene;
  const before = await scene.online();
  const ids = [price('A', 100), price('B', 200)].map(one => chain.publish(one).id);
  await watch.until(() => ids.every(id => chain.receiptsOf(id)[0]), 'send receipts');
  await watch.rest(500);
  const state = [price('C', 7), price('A', 300), price('D', 8)].map(one =>
    chain.publish(one, { isPosted: false }),
  );
  const [first, second, third] = state.map(update => ({
    ...update,
    positions: { all: update.positions.all },
  }));
  const positions = chain.positions();
  const pages: Frame[] = [
    { first: true, updates: [first], cursor: CURSORS[0], more: true },
    { updates: [second], cursor: CURSORS[1], more: true },
    { updates: [third], positions, more: false },
  ];
  let turned = 0;
  const asked: { frame: Frame; line: ChainLine; page: number }[] = [];
  const answer = ({ frame, line, page }: (typeof asked)[number]): void => {
    line.synced();
    line.send(chain.synced(frame, { recovered: false, positions: undefined, ...pages[page] }));
  };
  chain.answer = (frame, line) => {
    if (frame.action !== 'sync') return undefined;
    const page = frame.cursor === undefined ? 0 : CURSORS.indexOf(frame.cursor) + 1;
    const question = { frame, line, page };
    asked.push(question);
    if (page <= turned) answer(question);
    return NOTHING;
  };
  const turn = async (): Promise<void> => {
    turned += 1;
    const next = turned;
    for (const question of asked) if (question.page === next) answer(question);
    await watch.until(() => asked.some(({ page }) => page === next), 'ask on by the cursor');
  };
  const line = await scene.nextLine(() => before.break());
  return { line, turn, firstId: first?.id ?? '' };
}

async function finished(scene: Scene, { turn }: Whole): Promise<void> {
  await turn();
  await turn();
  await scene.untilPrice('A', 300, 'the last page of a new whole is in');
}

export const wholes: Rule[] = [
  {
    id: 'whole-cursor',
    sentence: 'gives the cursor back in place of its positions, page by page',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      const whole = await begun(scene);
      await finished(scene, whole);
      const syncs = whole.line.of('sync').map(({ frame }) => frame);
      if (syncs.some(({ cursor, positions }) => cursor !== undefined && positions !== undefined)) {
        throw new Violation('the till sent positions with a cursor');
      }
      const asked = syncs.map(({ cursor }) => cursor);
      if (asked.join() !== ['', ...CURSORS].join())
        throw new Violation(`the till asked with the cursors ${asked.join()}`);
    },
  },
  {
    id: 'whole-holds',
    sentence: 'keeps the old whole in force until the last page of the new one is in',
    place: 'sync-what-did-i-miss',
    seconds: 4,
    play: async scene => {
      const { turn } = await begun(scene);
      await turn();
      await scene.watch.rest(1_000);
      await scene.price('A', 100, 'the new whole is not complete');
      await scene.price('C', undefined, 'the new whole is not complete');
      await turn();
      await scene.untilPrice('A', 300, 'the last page of a new whole is in');
      await scene.price('C', 7, 'the last page of a new whole is in');
    },
  },
  {
    id: 'whole-replaces',
    sentence: 'has nothing in force that the new whole does not have',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      await finished(scene, await begun(scene));
      await scene.price('B', undefined, 'the new whole is without it');
    },
  },
  {
    id: 'whole-receipts',
    sentence: 'sends receipts of a new whole once it is in force, and not before',
    place: 'which-receipts-when',
    seconds: 6,
    play: async scene => {
      const { chain, watch } = scene;
      const whole = await begun(scene);
      const told = () => chain.receiptsOf(whole.firstId).length > 0;
      await watch.never(told, 'sent a receipt of a new whole before its last page', 4_000);
      await finished(scene, whole);
      await watch.until(told, 'send receipts of a new whole that is in force');
    },
  },
  {
    id: 'whole-broken',
    sentence: 'forgets a new whole whose line breaks, and asks from its saved positions',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      const { line } = await begun(scene);
      await scene.watch.rest(500);
      const next = await scene.nextLine(() => line.break());
      const { frame } = next.of('sync')[0] ?? {};
      if (frame?.cursor !== undefined)
        throw new Violation('the till asks on by the cursor of a line that broke');
      if (frame?.positions?.all !== 2) {
        throw new Violation(`the till asks from ${frame?.positions?.all} of all; it has saved 2`);
      }
    },
  },
  {
    id: 'whole-killed',
    sentence: 'has the old whole after kill -9 between the pages',
    place: 'crash-points',
    play: async scene => {
      const { turn } = await begun(scene);
      await turn();
      // Tills gather what they save: one that has saved too early is caught by then.
      await scene.watch.rest(2_500);
      await scene.till.kill();
      await scene.chain.down();
      scene.till.start();
      await scene.price('A', 100, 'the new whole was not complete');
      await scene.price('B', 200, 'the new whole was not complete');
      await scene.price('C', undefined, 'the new whole was not complete');
    },
  },
  {
    id: 'whole-live',
    sentence: 'puts what is posted between the pages in force at once, and in the new whole, too',
    place: 'sync-what-did-i-miss',
    play: async scene => {
      const { chain, watch } = scene;
      const whole = await begun(scene);
      await watch.rest(500);
      chain.publish(price('E', 9));
      await scene.untilPrice('E', 9, 'it was posted while a new whole was under way');
      await finished(scene, whole);
      await scene.price('E', 9, 'it was posted while the new whole was under way');
    },
  },
  {
    id: 'whole-cursor-refused',
    sentence: 'syncs from its saved positions when its cursor is refused as invalid_frame',
    place: 'what-happened-and-what-to-do',
    play: async scene => {
      const { chain, watch } = scene;
      const { line } = await begun(scene);
      const asked = await watch.until(
        () => line.of('sync').find(({ frame }) => frame.cursor),
        'ask by the cursor',
      );
      chain.answer = () => undefined;
      line.send(errorFrame(asked.frame, 'invalid_frame', 'cursor: is of other channels'));
      await scene.untilPrice('A', 300, 'a sync from the saved positions brings it', 15_000);
      const from = line.of('sync').at(-1)?.frame.positions?.all;
      if (from !== 2) throw new Violation(`the till asked from ${from} of all; it has saved 2`);
    },
  },
];
