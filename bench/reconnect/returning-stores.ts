/** Stores that were away: all come back at once, and each asks for what it missed until there is no more. */

import { loadTarget } from '../../cli/target.ts';
import { type AnswerFrame, BareStore, RefusedError } from '../bare-store.ts';
import { answerQuestions } from '../processes.ts';

const [outputsFile, stores = '0', region = ''] = process.argv.slice(2);
const target = loadTarget(outputsFile);
const storeIds = Array.from({ length: Number(stores) }, (_, index) => `back-${index}`);
let tokens: string[] = [];

async function mintAll(): Promise<void> {
  tokens = await Promise.all(
    storeIds.map(storeId => target.mint({ role: 'store', storeId, region, groups: [] })),
  );
}

/** As the protocol asks of every client: again after a random time, and a gateway that is busy says 429. */
async function connectWhenTaken(token: string): Promise<{ line: BareStore; refusals: number }> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return { line: await BareStore.connect(target.outputs.StoreEndpoint, token), refusals };
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 429) throw error;
      await new Promise(resolve => setTimeout(resolve, Math.random() * 2_000));
    }
  }
}

async function comeBack(storeId: string, token: string) {
  const { line, refusals } = await connectWhenTaken(token);
  const ids: string[] = [];
  let positions: unknown = { all: 0, [`region/${region}`]: 0, [`store/${storeId}`]: 0 };
  for (let more = true; more; ) {
    const answer: AnswerFrame = await line.ask({ action: 'sync', positions });
    if (answer.type !== 'synced') throw new Error(`a sync was answered ${JSON.stringify(answer)}`);
    ids.push(...(answer.updates as { id: string }[]).map(({ id }) => id));
    positions = answer.positions;
    more = answer.more === true;
  }
  return { line, refusals, doneAt: performance.now(), ids };
}

async function storm(expected: number) {
  const startedAt = performance.now();
  const back = await Promise.all(storeIds.map((storeId, index) => comeBack(storeId, tokens[index] ?? '')));
  const durations = back.map(({ doneAt }) => doneAt - startedAt).sort((one, other) => one - other);
  let [missed, doubled, refusals] = [0, 0, 0];
  for (const store of back) {
    const ids = [...store.ids, ...store.line.pushed];
    missed += expected - new Set(ids).size;
    doubled += ids.length - new Set(ids).size;
    refusals += store.refusals;
    store.line.end();
  }
  return { halfMs: durations[durations.length >> 1], allMs: durations.at(-1), missed, doubled, refusals };
}

answerQuestions((question: 'mint' | { comeBackTo: number }) =>
  question === 'mint' ? mintAll() : storm(question.comeBackTo),
);
