/** What is not out yet, or not to all: updates that go out in waves, and those that wait for a second person. */
import { useEffect, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import type { Rollout } from '../../../domain/protocol/staging-answers.ts';
import type { UpdateSummary } from '../../../domain/protocol/update-answers.ts';
import { reasonOf } from '../../api.ts';
import { exactTime, number, plural, time } from '../../format.ts';
import type { Chain } from '../use-chain.ts';
import { filled, titleOfRollout } from './rollout-words.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import './staged.css';

interface StagedProps {
  chain: Chain;
  now: number;
}

const LOOK_EVERY_MS = 10_000;
/** What has come to its end is shown a while. */
const SHOWN_MS = 3_600_000;

export function StagedUpdates({ chain, now }: StagedProps) {
  const { feed, model } = chain;
  const keptFocus = useKeptFocus();
  const rollouts = model.rollouts.filter(
    ({ since, state }) => isOpen(state) || Date.parse(since) > now - SHOWN_MS,
  );
  const isMoving = rollouts.some(({ state }) => state === 'running') || model.waiting.length > 0;
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => feed.askStaged(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [feed, isMoving]);
  if (rollouts.length + model.waiting.length === 0) return null;
  return (
    <section aria-labelledby="staged-title" class="staged" {...keptFocus}>
      <h3 id="staged-title">In waves, and waiting</h3>
      <ul>
        {model.waiting.map(update => (
          <Waiting key={update.updateId} chain={chain} update={update} now={now} />
        ))}
        {rollouts.map(rollout => (
          <InWaves key={rollout.rolloutId} chain={chain} rollout={filled(rollout, model.updates)} now={now} />
        ))}
      </ul>
    </section>
  );
}

const STATES: Record<Rollout['state'], string> = {
  running: 'Going out',
  paused: 'Paused',
  halted: 'Halted',
  finished: 'Out everywhere',
  rollingBack: 'Being taken back',
  rolledBack: 'Taken back',
};

function isOpen(state: Rollout['state']): boolean {
  return state === 'running' || state === 'paused' || state === 'halted';
}

/** One that is being taken back waits, unless that has failed. */
function mayAct({ reason, state }: Rollout): boolean {
  return state !== 'rolledBack' && (state !== 'rollingBack' || reason !== undefined);
}

interface InWavesProps {
  chain: Chain;
  rollout: Rollout;
  now: number;
}

function InWaves({ chain, now, rollout }: InWavesProps) {
  const title = titleOfRollout(rollout, chain.model.updates);
  const keptFocus = useKeptFocus();
  const { reason, rolloutId, since, state, waves } = rollout;
  const { act, failure } = useActions(chain);
  const [isAsking, ask] = useState(false);
  const parameters = { id: rolloutId };
  // The last wave is to the whole audience.
  const reached = Math.max(
    waves.at(-1)?.applied ?? 0,
    waves.slice(0, -1).reduce((sum, { applied }) => sum + applied, 0),
  );
  const button = (words: string, operation: typeof operations.pauseRollout) => (
    <button type="button" onClick={() => act(() => chain.api.call(operation, { parameters }))}>
      {words}
      <span class="unseen"> {title}</span>
    </button>
  );
  return (
    <li class="staged-one" data-staged={rolloutId} data-rollout-state={state} {...keptFocus}>
      <h4 tabIndex={-1}>{title}</h4>
      <p class="hint">
        <span class="standing">{STATES[state]}</span> since{' '}
        <time dateTime={since}>{exactTime(since, now)}</time>
        {reason !== undefined && ` · ${reason}`}
      </p>
      <ol class="waves">
        {waves.map(({ applied, number: which, rejected, state, targeted }) => (
          <li key={which} class="wave" data-wave={state}>
            <span>Wave {which}</span>
            <meter min={0} max={Math.max(targeted, 1)} value={applied} aria-label={`Wave ${which}`} />
            <span>
              {number(applied)} of {number(targeted)} have it
              {rejected > 0 && `, ${number(rejected)} refuse it`}
            </span>
          </li>
        ))}
      </ol>
      {chain.mayPublish && mayAct(rollout) && (
        <div class="actions">
          {state === 'running' && button('Pause', operations.pauseRollout)}
          {(state === 'paused' || state === 'halted') && button('Go on', operations.resumeRollout)}
          {isOpen(state) && button('Next wave now', operations.advanceRollout)}
          {!isAsking && (
            <button type="button" onClick={() => ask(true)}>
              Take back…<span class="unseen"> {title}</span>
            </button>
          )}
          {isAsking && button(`Take it back at ${plural(reached, 'store')}`, operations.rollBackRollout)}
          {isAsking && (
            <button type="button" class="plain" onClick={() => ask(false)}>
              Leave it
            </button>
          )}
        </div>
      )}
      {failure !== undefined && <Refusal words={failure} />}
    </li>
  );
}

function Waiting({ chain, now, update }: { chain: Chain; update: UpdateSummary; now: number }) {
  const { author, publishedAt, reasons = [], since = publishedAt, updateId } = update;
  const { act, failure } = useActions(chain);
  const parameters = { id: updateId };
  return (
    <li class="staged-one" data-waiting={updateId}>
      <h4 tabIndex={-1}>Waits for a second person</h4>
      <p class="hint">
        {author !== undefined && `by ${author}, `}
        <time dateTime={since}>{time(since, now)}</time> · {updateId}
      </p>
      <ul class="reasons">
        {reasons.map(reason => (
          <li key={reason} class="reason">
            {reason}
          </li>
        ))}
      </ul>
      {chain.mayPublish && (
        <div class="actions">
          <button
            type="button"
            onClick={() => act(() => chain.api.call(operations.approveUpdate, { parameters }))}
          >
            Approve and publish<span class="unseen"> {updateId}</span>
          </button>
          <button
            type="button"
            onClick={() => act(() => chain.api.call(operations.refuseUpdate, { parameters }))}
          >
            Refuse<span class="unseen"> {updateId}</span>
          </button>
        </div>
      )}
      {failure !== undefined && <Refusal words={failure} />}
    </li>
  );
}

function Refusal({ words }: { words: string }) {
  return (
    <p class="refusal" role="alert">
      {words}
    </p>
  );
}

/** What the chain says to a button that it refuses. */
function useActions({ feed }: Chain) {
  const [failure, fail] = useState<string>();
  const act = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await call();
      fail(undefined);
    } catch (error) {
      fail(reasonOf(error));
    }
    feed.askStaged();
  };
  return { act, failure };
}
