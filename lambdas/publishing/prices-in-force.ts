/** What the prices of an update are at the stores of its audience now, from the current state. */
import { chunks } from '../../domain/chunks.ts';
import { priceKey } from '../../domain/retail/price.ts';
import { effectiveTime, periodOnEarth } from '../../domain/retail/validity.ts';
import { audienceChannels } from '../../domain/updates/channels.ts';
import type { Update, UpdateOf } from '../../domain/updates/update.ts';
import type { StatePart } from '../updates/current-items.ts';
import type { CurrentState } from '../updates/current-state.ts';

export type PriceSource = Pick<CurrentState, 'isWithdrawn' | 'prices'>;

/** The channel that every store has. */
const ALL = 'all';
/** Reads for one update. An audience of many named stores has more; the first of them stand for the others. */
const MOST_READS = 2_000;
const READS_AT_ONCE = 32;

/**
 * By `priceKey` an amount for each channel of the audience: what wins there among the prices of the channel itself and of all
 * stores. A store of several groups may have another one.
 */
export async function pricesInForce(
  { audience, data }: UpdateOf<'price.changed'>,
  current: PriceSource,
  now: number,
): Promise<Map<string, number[]>> {
  const keys = data.prices.map(priceKey);
  const most = Math.max(1, Math.floor(MOST_READS / keys.length) - 1);
  const channels = audienceChannels(audience)
    .filter(channel => channel !== ALL)
    .slice(0, most);
  const found = new Map<string, number[]>();
  for (const some of chunks(keys, Math.max(1, Math.floor(READS_AT_ONCE / (channels.length + 1)))))
    await Promise.all(
      some.map(async key => {
        const everywhere = await current.prices(ALL, key, now);
        const own = await Promise.all(channels.map(channel => current.prices(channel, key, now)));
        const candidates = channels.length === 0 ? [everywhere] : own.map(parts => [...parts, ...everywhere]);
        const amounts = await Promise.all(candidates.map(parts => amountInForce(parts, current, now)));
        found.set(key, [...new Set(amounts.filter(amount => amount !== undefined))]);
      }),
    );
  return found;
}

/** Of those that hold now, and that nobody has withdrawn, the latest effective time wins, then the version. */
async function amountInForce(
  parts: readonly StatePart[],
  current: PriceSource,
  now: number,
): Promise<number | undefined> {
  const holding = parts
    .filter(({ update }) => update.kind === 'price.changed' && isInForce(update, now))
    .sort((a, b) => effectOf(b.update) - effectOf(a.update) || (a.version < b.version ? 1 : -1));
  for (const { update } of holding)
    if (update.kind === 'price.changed' && !(await current.isWithdrawn(update.id)))
      return update.data.prices[0]?.amount;
  return undefined;
}

function isInForce(update: Update, now: number): boolean {
  const { from, until } = periodOnEarth(update);
  return from <= now && until > now;
}

function effectOf(update: Update): number {
  return effectiveTime(update, periodOnEarth(update).from);
}
