/** What needs somebody, above all figures: who refuses what and why, who is offline since when, who is silent. */
import { useState } from 'preact/hooks';
import { number, plural, time } from '../../format.ts';
import type { AttentionLine } from '../../model/watched/attention.ts';
import type { StoreFilter } from '../../model/watched/store-list.ts';
import { NEED_SIGNS } from '../../model/watched/store-needs.ts';
import './attention.css';

export interface AttentionPanelProps {
  lines: readonly AttentionLine[];
  /** Those that halted: an update in a line, why, and since when. */
  halted: readonly { id: string; title: string; reason: string | undefined; since: string }[];
  /** How many stores are concerned. */
  count: number;
  isLoaded: boolean;
  show: (filter: StoreFilter) => void;
  now: number;
}

/** On a narrow screen, before somebody wants to see all of them. */
const LINES_SEEN = 3;

export function AttentionPanel({ lines, halted, count, isLoaded, show, now }: AttentionPanelProps) {
  const [isWhole, setWhole] = useState(false);
  const length = lines.length + halted.length;
  return (
    <section class="panel attention" aria-labelledby="attention-title" data-count={count}>
      <div class="panel-head">
        <h2 id="attention-title">
          {count === 0 ? 'Needs attention' : `Needs attention: ${plural(count, 'store')}`}
        </h2>
        {length > LINES_SEEN && (
          <button type="button" class="plain" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Show less' : `Show all ${number(length)}`}
          </button>
        )}
      </div>
      {length === 0 ? (
        <p class="hint">
          {isLoaded ? 'Nothing does: every store is online and takes what is published.' : 'Loading…'}
        </p>
      ) : (
        <ul class={isWhole ? 'whole' : ''}>
          {halted.map(({ id, title, reason, since }) => (
            <li key={id} data-rollout={id}>
              <span class="need" data-need="refuses" aria-hidden="true">
                {NEED_SIGNS.refuses}
              </span>
              <span class="words">
                The rollout of {title} halted at {time(since, now)}
                {reason !== undefined && `: ${reason}`}
              </span>
              <button type="button" class="plain" onClick={showUpdates}>
                Show<span class="unseen"> the rollout of {title}</span>
              </button>
            </li>
          ))}
          {lines.map(line => (
            <li key={`${line.need} ${line.subject} ${line.reason}`} data-need={line.need}>
              <span class="need" data-need={line.need} aria-hidden="true">
                {NEED_SIGNS[line.need]}
              </span>
              <span class="words" title={wordsOf(line, now)}>
                {wordsOf(line, now)}
              </span>
              <button type="button" class="plain" onClick={() => show(line.filter)}>
                Show<span class="unseen"> {wordsOf(line, now)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function showUpdates(): void {
  document.getElementById('updates-title')?.scrollIntoView();
}

const NAMED = 3;

function wordsOf({ need, stores, subject, reason, since, charged }: AttentionLine, now: number): string {
  const one = stores.length === 1;
  const who = named(stores);
  const when = since === undefined ? '' : ` since ${time(since, now)}`;
  switch (need) {
    case 'refuses':
      return `${who} ${one ? 'refuses' : 'refuse'} ${subject}${reason === undefined ? '' : `: ${reason}`}`;
    case 'offline':
      return `${subject ? `${subject}: ` : ''}${who} ${one ? 'is' : 'are'} offline${one ? when : `, the first${when}`}`;
    case 'silent':
      return `${who} ${one ? 'is' : 'are'} online and ${one ? 'sends' : 'send'} no receipts`;
    case 'drifts':
      return `${who} ${one ? 'holds' : 'hold'} other prices than published`;
    default:
      return `${who} charged other prices than listed on ${number(charged ?? 0)} lines today`;
  }
}

function named(stores: AttentionLine['stores']): string {
  const names = stores.slice(0, NAMED).map(({ name, storeId }) => name ?? storeId);
  if (stores.length <= NAMED) return names.join(', ');
  return plural(stores.length, 'store');
}
