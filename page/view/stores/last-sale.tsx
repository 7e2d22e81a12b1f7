/** When a store sold something last: the minute is known from when the page looks; before that, whether it sold at all. */
import type { Store } from '../../../domain/protocol/http-api.ts';
import { time, timeThere } from '../../format.ts';
import type { Model } from '../../model/model.ts';

const MINUTE_MS = 60_000;

export interface LastSaleProps {
  model: Model;
  store: Store;
  now: number;
}

export function LastSale({ model, store: { storeId, timeZone }, now }: LastSaleProps) {
  const minute = model.sales.lastMinuteOf(storeId);
  if (minute === undefined) return <>{earlier(model, storeId, now)}</>;
  const at = minute * MINUTE_MS;
  // On the store's own clock, where that is another one.
  const there = timeZone === undefined ? undefined : timeThere(at, timeZone);
  return (
    <>
      {time(at, now)}
      {there !== undefined && <span class="hint" title={timeZone}>{` ${there} there`}</span>}
    </>
  );
}

function earlier({ salesKnownSince, soldInTheHourBefore }: Model, storeId: string, now: number): string {
  if (salesKnownSince === undefined) return '…';
  const known = time(salesKnownSince, now);
  if (soldInTheHourBefore.has(storeId)) return `in the hour before ${known}`;
  return `none since ${time(salesKnownSince - 60 * MINUTE_MS, now)}`;
}
