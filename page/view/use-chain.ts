/** The model and its feed for as long as a component shows them; it is drawn again after changes, and each second. */
import { useEffect, useMemo, useReducer } from 'preact/hooks';
import { systemClock } from '../../client/time/clock.ts';
import { Api } from '../api.ts';
import { Feed } from '../feed.ts';
import { Model } from '../model/model.ts';
import type { Session } from '../model/read-token.ts';

export interface Chain {
  api: Api;
  model: Model;
  feed: Feed;
  /** Whether this session may publish. */
  mayPublish: boolean;
  /** The chain no longer takes the session. */
  ended: () => void;
  /** The chain's time. */
  now: () => number;
}

const SECOND_MS = 1_000;
/** The drawing of each second must not hold up a sale that comes after it. */
const LEAST_BETWEEN_MS = 250;

/** @param signedOut the chain no longer takes the token, for this reason */
export function useChain(endpoint: string, session: Session, signedOut: (reason: string) => void): Chain {
  const [, draw] = useReducer((count: number, _: undefined) => count + 1, 0);
  // A session that is taken up again goes on with what is known.
  const model = useMemo(() => new Model(), [endpoint]);
  const { chain, start } = useMemo(
    () => createChain(endpoint, session, model, signedOut),
    [endpoint, session],
  );
  useEffect(() => {
    const drawSoon = oncePerFrame(() => draw(undefined));
    const unsubscribe = chain.model.subscribe(drawSoon);
    const timer = setInterval(drawSoon, SECOND_MS);
    const stop = start();
    const end = setTimeout(() => chain.ended(), msLeft(session));
    return () => {
      clearTimeout(end);
      unsubscribe();
      clearInterval(timer);
      stop();
    };
  }, [chain, start]);
  return chain;
}

/** Past the longest timer, a month, no session lasts. */
function msLeft({ expiresAt }: Session): number {
  return Math.min(Math.max(expiresAt - Date.now(), 0), 2 ** 31 - 1);
}

function createChain(endpoint: string, session: Session, model: Model, signedOut: (reason: string) => void) {
  const { mayPublish, token } = session;
  const ended = () => signedOut('The token is no longer valid; sign in with a new one.');
  const api = new Api(() => token);
  const feed = new Feed({
    api,
    model,
    endpoint,
    clock: systemClock,
    random: Math.random,
    WebSocket,
    token: () => token,
    refused: ended,
  });
  const start = () => {
    feed.start();
    return () => feed.stop();
  };
  const chain: Chain = { api, model, feed, mayPublish, ended, now: () => feed.serverClock.now() };
  return { chain, start };
}

/** A burst of changes is drawn once, and soon enough for figures that are a second old; not at all while nobody looks. */
function oncePerFrame(task: () => void): () => void {
  let waiting = false;
  let drawnAt = 0;
  const draw = () =>
    requestAnimationFrame(() => {
      waiting = false;
      drawnAt = performance.now();
      task();
    });
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(draw, Math.max(0, LEAST_BETWEEN_MS - (performance.now() - drawnAt)));
  };
}
