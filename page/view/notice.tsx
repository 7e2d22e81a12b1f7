/** What is wrong with the page's own connection to the chain, and what that means for the figures. */
import { exactTime } from '../format.ts';
import type { Model } from '../model/model.ts';
import type { Freshness } from '../model/watched/freshness.ts';

export interface NoticeProps {
  model: Model;
  freshness: Freshness;
  now: number;
}

export function Notice({ model, freshness, now }: NoticeProps) {
  const text = textOf(model, freshness, now);
  return (
    <div role="alert" class="notice" hidden={text === ''}>
      {text}
    </div>
  );
}

function textOf({ problem, line }: Model, freshness: Freshness, now: number): string {
  if (freshness.state === 'cut') return cutText(freshness.asOf, now);
  if (problem !== undefined) return `The figures may be old: ${problem}. Trying again every 15 seconds.`;
  if (line === 'down')
    return 'The figures are refreshed every 15 seconds only: the live connection is being restored.';
  return '';
}

function cutText(asOf: number | undefined, now: number): string {
  if (asOf === undefined) return 'No connection to storecast. Trying again every 15 seconds.';
  return `No connection to storecast: these are the figures of ${exactTime(asOf, now)}. Trying again every 15 seconds.`;
}
