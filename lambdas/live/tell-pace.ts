/** Tells every connected store that somebody begins to watch: what they hold comes at once, and each second from then on. */
import type { PaceFrame } from '../../domain/protocol/chain-frames.ts';
import type { Change } from '../aws/change.ts';
import { log } from '../aws/log.ts';
import type { Poster } from '../fan-out/poster.ts';
import type { Connections } from '../registry/connections.ts';
import { begunBy } from '../registry/pace.ts';

/** Later the next answer of the chain has told the others. */
const POSTING_TIME_MS = 30_000;

export interface TellPaceOptions {
  connections: Pick<Connections, 'members' | 'removeAll'>;
  poster: Pick<Poster, 'post'>;
  /** Milliseconds between the reports of a store: while somebody watches, and else. */
  watchedMs: number;
  restingMs: number;
}

/** A pace that is not told is healed by the next answer to a store: nothing is posted twice for it. */
export async function tellPace(
  changes: readonly Change[],
  { connections, poster, restingMs, watchedMs }: TellPaceOptions,
): Promise<undefined> {
  const startedAt = Date.now();
  const until = begunBy(changes, startedAt);
  if (until === undefined || until <= startedAt) return;
  // A fleet so large that it can report no sooner.
  if (watchedMs >= restingMs) return;
  const frame: PaceFrame = {
    type: 'pace',
    reportEveryMs: watchedMs,
    until: new Date(until).toISOString(),
  };
  const mayPost = () => Date.now() < startedAt + POSTING_TIME_MS;
  const pages = connections.members(undefined, startedAt);
  const { failed, gone, sent } = await poster.post(JSON.stringify(frame), pages, mayPost);
  await connections.removeAll(gone, startedAt);
  log.info('pace told', { sent, gone: gone.length, failed: failed.length });
}
