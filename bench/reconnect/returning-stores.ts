/** Stores that were away: all come back at once, and each asks for what it missed until there is no more. */

import { loadTarget } from '../../cli/target.ts';
import { Backoff, RECONNECT_LIMITS } from '../../client/line/backoff.ts';
import { SYNCED_BYTES } from '../../domain/protocol/store-frames.ts';
import { BareStore, FrameFailedError, RefusedError } from '../bare-store.ts';
import { answerQuestions } from '../processes.ts';

/** How a storm went. */
export interface Storm {
  halfMs: number;
  allMs: number;
  /** Updates, over all stores. */
  missed: number;
  doubled: number;
  /** Handshakes, by the status that they were answered. */
  refused: Record<number, number>;
  /** Syncs that the gateway itself answered. */
  failedFrames: number;
}

type Mishaps = Pick<Storm, 'refused' | 'failedFrames'>;

const [outputsFile, stores = '0', region = ''] = process.argv.slice(2);
const target = loadTarget(outputsFile);
const storeIds = Array.from({ length: Number(stores) }, (_, index) => `back-${index}`);
let tokens: string[] = [];

async function mintAll(): Promise<void> {
  tokens = await Promise.all(
    storeIds.map(storeId => target.mint({ role: 'store', storeId, region, groups: [] })),
  );
}

/** As our client does it: again after a random time, which grows; whatever the status, since no token here is bad. */
async function connectWhenTaken(token: string, { refused }: Mishaps): Promise<BareStore> {
  const backoff = new Backoff(RECONNECT_LIMITS, Math.random);
  for (;;) {
    try {
      return await BareStore.connect(target.outputs.StoreEndpoint, token);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refused[error.status] = (refused[error.status] ?? 0) + 1;
      await sleep(backoff.next());
    }
  }
}

async function comeBack(storeId: string, token: string, mishaps: Mishaps) {
  const line = await connectWhenTaken(token, mishaps);
  const ids: string[] = [];
  let positions: unknown = { all: 0, [`region/${region}`]: 0, [`store/${storeId}`]: 0 };
  for (let more = true; more; ) {
    const answer = await syncUntilAnswered(line, positions, mishaps);
    if (answer.type !== 'synced') throw new Error(`a sync was answered ${JSON.stringify(answer)}`);
    ids.push(...(answer.updates as { id: string }[]).map(({ id }) => id));
    positions = answer.positions;
    more = answer.more === true;
  }
  return { line, doneAt: performance.now(), ids };
}

async function syncUntilAnswered(line: BareStore, positions: unknown, mishaps: Mishaps) {
  const backoff = new Backoff(RECONNECT_LIMITS, Math.random);
  for (;;) {
    try {
      // As our client asks.
      return await line.ask({ action: 'sync', positions, maxBytes: SYNCED_BYTES.most });
    } catch (error) {
      if (!(error instanceof FrameFailedError)) throw error;
      mishaps.failedFrames += 1;
      await sleep(backoff.next());
    }
  }
}

async function storm(expected: number): Promise<Storm> {
  const startedAt = performance.now();
  const mishaps: Mishaps = { refused: {}, failedFrames: 0 };
  const back = await Promise.all(
    storeIds.map((storeId, index) => comeBack(storeId, tokens[index] ?? '', mishaps)),
  );
  const durations = back.map(({ doneAt }) => doneAt - startedAt).sort((one, other) => one - other);
  let [missed, doubled] = [0, 0];
  for (const { ids, line } of back) {
    const all = [...ids, ...line.pushed];
    missed += expected - new Set(all).size;
    doubled += all.length - new Set(all).size;
    line.end();
  }
  const [halfMs = 0, allMs = 0] = [durations[durations.length >> 1], durations.at(-1)];
  return { halfMs, allMs, missed, doubled, ...mishaps };
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

answerQuestions((question: 'mint' | { comeBackTo: number }) =>
  question === 'mint' ? mintAll() : storm(question.comeBackTo),
);
