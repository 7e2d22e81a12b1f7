/**
 * Completes the withdrawal of price updates: whom it reaches, and which prices it brings back. A price that the withdrawn
 * ones had replaced is read from the current state, and from the end of the log, which the state follows after the posts.
 */
import { chunks } from '../../../domain/chunks.ts';
import { priceKey } from '../../../domain/retail/price.ts';
import { localTimesOf } from '../../../domain/retail/validity.ts';
import type { Audience } from '../../../domain/updates/channels.ts';
import { RefusedEventError } from '../../../domain/updates/published-events.ts';
import {
  checkSize,
  type Update,
  type UpdateOf,
  UpdateTooLargeError,
} from '../../../domain/updates/update.ts';
import type { RestoredPrices } from '../../../domain/updates/update-content.ts';
import { priceSubjects, type StatePart, subjectParts, versionOf } from '../current-items.ts';
import type { CurrentState } from '../current-state.ts';
import type { LatestUpdate, UpdateLog } from '../update-log.ts';
import { type PricePlace, placesOf, pricesOf } from './price-places.ts';
import { isPastWithdrawal, standings, WITHDRAWABLE_DAYS } from './replaced-prices.ts';

/** Updates at the end of a channel that may not be in the state yet. */
const TAIL = 200;
const READS_AT_ONCE = 32;

export type PriceWithdrawal = UpdateOf<'price.withdrawn'>;

/**
 * Gives a withdrawal its audience: everybody whom the withdrawn updates were published to, and whom it names itself.
 * One that was begun keeps what it found then, however late its retry comes.
 *
 * @throws RefusedEventError if an update is unknown, not of prices, or too old to be taken back
 */
export async function addressed(
  update: PriceWithdrawal,
  log: Pick<UpdateLog, 'find'>,
  now: number,
): Promise<PriceWithdrawal> {
  const begun = await log.find(update.id);
  const addressees = begun === undefined ? await withdrawable(update, log, now) : [begun.update];
  return { ...update, audience: unionOf(update.audience, addressees) };
}

/**
 * Gives an addressed withdrawal the prices that hold, or will hold, without the withdrawn ones. What lies before it in the
 * log is among them, so once it has its own place there, it lacks nothing that a store may have got before it.
 *
 * @throws UnfinishedUpdateError if a withdrawn update is not in the log yet
 */
export async function completed(
  update: PriceWithdrawal,
  { log, current }: { log: UpdateLog; current: CurrentState },
  now: number,
): Promise<PriceWithdrawal> {
  const places = placesOf(await pricesOf(update.data.updates, log));
  const tails = new Map<string, LatestUpdate[]>();
  for (const { channel } of places)
    if (!tails.has(channel)) tails.set(channel, await log.latest(channel, TAIL));
  const restored = new Map<string, RestoredPrices>();
  for (const together of chunks(places, READS_AT_ONCE)) {
    const found = await Promise.all(
      together.map(place => holding(place, update, tails.get(place.channel) ?? [], current, now)),
    );
    for (const [index, { channel }] of together.entries())
      for (const part of found[index] ?? []) gather(restored, channel, part.update);
  }
  return { ...update, data: { ...update.data, restored: [...restored.values()] } };
}

/** The same where it fits a frame; else it stays as it is. */
export async function completedIfItFits(
  update: PriceWithdrawal,
  sources: { log: UpdateLog; current: CurrentState },
  now: number,
): Promise<PriceWithdrawal> {
  const whole = await completed(update, sources, now);
  try {
    checkSize(whole);
    return whole;
  } catch (error) {
    if (error instanceof UpdateTooLargeError) return update;
    throw error;
  }
}

async function withdrawable(
  { data }: PriceWithdrawal,
  log: Pick<UpdateLog, 'find'>,
  now: number,
): Promise<Update[]> {
  return Promise.all(
    data.updates.map(async id => {
      const found = await log.find(id);
      if (found === undefined) throw refusal(`update ${id} is not known`);
      const { update } = found;
      if (update.kind !== 'price.changed') throw refusal(`update ${id} is no price: it is ${update.kind}`);
      if (isPastWithdrawal(update, now))
        throw refusal(`update ${id} took effect more than ${WITHDRAWABLE_DAYS} days ago`);
      return update;
    }),
  );
}

function refusal(reason: string): RefusedEventError {
  return new RefusedEventError('InvalidEvent', `updates: ${reason}`);
}

function unionOf(own: Audience | undefined, addressees: readonly Update[]): Audience | undefined {
  const audiences = addressees.map(({ audience }) => audience);
  if (audiences.includes(undefined)) return undefined;
  const named = [...audiences, own].filter(audience => audience !== undefined);
  const all = (kind: keyof Audience) => [...new Set(named.flatMap(audience => audience[kind]))].sort();
  return { regions: all('regions'), groups: all('groups'), stores: all('stores') };
}

/** What stores are sent at a place once the withdrawn updates are gone, this withdrawal's and others'. */
async function holding(
  { channel, key }: PricePlace,
  { data }: PriceWithdrawal,
  tail: readonly LatestUpdate[],
  current: CurrentState,
  now: number,
): Promise<StatePart[]> {
  const parts = [...partsIn(channel, tail), ...(await current.prices(channel, key, now))];
  const known = new Map(
    parts.filter(({ subject }) => subject.startsWith(priceSubjects(key))).map(part => [part.subject, part]),
  );
  const ids = new Set([...known.values()].map(({ update: { id } }) => id));
  const others = tail.flatMap(({ update: { data, kind } }) =>
    kind === 'price.withdrawn' ? (data as PriceWithdrawal['data']).updates : [],
  );
  const withdrawn = new Set([...data.updates, ...others, ...(await current.withdrawnAmong(ids))]);
  const counting = [...known.values()].filter(({ update: { id } }) => !withdrawn.has(id));
  return standings(counting, now).flatMap(({ isHidden, part }) => (isHidden ? [] : [part]));
}

function partsIn(channel: string, tail: readonly LatestUpdate[]): StatePart[] {
  return tail.flatMap(({ position, update }) =>
    update.kind === 'price.changed'
      ? subjectParts(update).map(({ subject, part }) => ({
          channel,
          subject,
          position,
          version: versionOf(part),
          update: part,
        }))
      : [],
  );
}

function gather(restored: Map<string, RestoredPrices>, channel: string, update: Update): void {
  if (update.kind !== 'price.changed') return;
  const { data, id, publishedAt, validFrom, validUntil } = update;
  const times = { publishedAt, validFrom, validUntil, ...localTimesOf(update) };
  const known = restored.get(id) ?? { updateId: id, ...times, channels: [], prices: [] };
  if (!known.channels.includes(channel)) known.channels.push(channel);
  const keys = new Set(known.prices.map(priceKey));
  known.prices.push(...data.prices.filter(price => !keys.has(priceKey(price))));
  restored.set(id, known);
}
