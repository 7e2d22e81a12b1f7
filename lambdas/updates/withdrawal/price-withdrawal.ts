/**
 * Completes the withdrawal of price updates: whom it reaches, and which prices it brings back. A price that the withdrawn
 * ones had replaced is read from the current state, and from the end of the log, which the state follows after the posts.
 */
import { chunks } from '../../../domain/chunks.ts';
import type { Audience } from '../../../domain/updates/channels.ts';
import { RefusedEventError } from '../../../domain/updates/published-events.ts';
import type { Update } from '../../../domain/updates/update.ts';
import { priceSubjects, type StatePart, subjectParts, versionOf } from '../current-items.ts';
import type { CurrentState } from '../current-state.ts';
import { INCOMPLETE_MS } from '../log-entries.ts';
import { derivedId } from '../update-ids.ts';
import type { WithdrawalRest } from '../update-items.ts';
import type { LatestUpdate, UpdateLog } from '../update-log.ts';
import { type PricePlace, placesOf, pricesOf } from './price-places.ts';
import { standings, WITHDRAWABLE_DAYS, withdrawableUntil } from './replaced-prices.ts';
import {
  checkRoom,
  type PriceWithdrawal,
  placeOf,
  type Restored,
  WithdrawalFrame,
} from './withdrawal-frame.ts';

/** Updates at the end of a channel that may not be in the state yet. */
const TAIL = 200;
const READS_AT_ONCE = 32;
/** More than the write takes that completes it, and clocks differ by. */
const WRITING_MS = 60_000;

export type { PriceWithdrawal } from './withdrawal-frame.ts';

/**
 * Gives a withdrawal its audience: everybody whom the withdrawn updates were published to, and whom it names itself.
 * One that was begun keeps what it found then, however late its retry comes.
 *
 * @throws RefusedEventError if an update is unknown, not of prices, or too old to be taken back
 * @throws UpdateTooLargeError if it reaches more stores than a frame can name beside a price
 */
export async function addressed(
  update: PriceWithdrawal,
  log: Pick<UpdateLog, 'find'>,
  now: number,
): Promise<PriceWithdrawal> {
  const begun = await log.find(update.id);
  const addressees = begun === undefined ? await withdrawable(update, log, now) : [begun.update];
  const whole = { ...update, audience: unionOf(update.audience, addressees) };
  if (begun === undefined) checkRoom(whole);
  return whole;
}

/**
 * Gives an addressed withdrawal the prices that hold, or will hold, without the withdrawn ones: as many as its frame holds. What
 * lies before it in the log is among them, so once it has its own place there, it lacks nothing that a store may have got
 * before it. What it has no room for a further update says, which is completed in its own place.
 *
 * @param after the part before it ends there @default it is the first
 * @throws UnfinishedUpdateError if a withdrawn update is not in the log yet
 */
export async function completed(
  update: PriceWithdrawal,
  sources: { log: UpdateLog; current: CurrentState },
  now: number,
  after?: WithdrawalRest,
): Promise<{ update: PriceWithdrawal; rest?: WithdrawalRest }> {
  const places = placesOf(await pricesOf(update.data.updates, sources.log));
  const left = after === undefined ? places : places.filter(place => isBehind(place, after));
  const tails = await tailsOf(left, sources.log);
  const frame = new WithdrawalFrame(update);
  for await (const { restored, sku } of restoredBySku(left, tails, update, sources.current, now)) {
    const rest = sku === after?.sku ? restored.filter(one => placeOf(one) > (after.within ?? '')) : restored;
    if (!frame.add(sku, rest) && frame.end !== undefined)
      return { update: frame.withdrawal(false), rest: { ...frame.end, id: idOfPart(update, after) } };
  }
  return { update: frame.withdrawal(after === undefined) };
}

/**
 * Leaves all to the next part where stores may have passed the withdrawal in the log by now, as one without effect: it took longer
 * than any catch-up waits for.
 *
 * @param begunAt milliseconds since the epoch
 */
export function postponed(
  update: PriceWithdrawal,
  begunAt: number,
  now: number,
  after?: WithdrawalRest,
): { update: PriceWithdrawal; rest: WithdrawalRest } | undefined {
  if (now < begunAt + INCOMPLETE_MS - WRITING_MS) return undefined;
  const { sku = '', within } = after ?? {};
  return {
    update: new WithdrawalFrame(update).withdrawal(false),
    rest: { sku, ...(within !== undefined && { within }), id: idOfPart(update, after) },
  };
}

/** What a withdrawal leaves to its next part, as an update of its own. */
export function partAfter(update: PriceWithdrawal, { id }: WithdrawalRest): PriceWithdrawal {
  const { partOf = update.id } = update;
  return { ...update, id, partOf, data: { updates: update.data.updates, restored: [] } };
}

/** The parts are numbered: whoever tries again comes to the same. */
function idOfPart({ id, partOf = id }: PriceWithdrawal, after: WithdrawalRest | undefined): string {
  const number = after === undefined ? 2 : Number(/\d+$/.exec(id)?.[0] ?? 1) + 1;
  return derivedId(partOf, `part${number}`);
}

function isBehind({ sku }: PricePlace, after: WithdrawalRest): boolean {
  return sku > after.sku || (sku === after.sku && after.within !== undefined);
}

async function tailsOf(
  places: readonly PricePlace[],
  log: UpdateLog,
): Promise<ReadonlyMap<string, LatestUpdate[]>> {
  const tails = new Map<string, LatestUpdate[]>();
  for (const channel of new Set(places.map(place => place.channel)))
    tails.set(channel, await log.latest(channel, TAIL));
  return tails;
}

/** @param places in the order of their SKUs */
async function* restoredBySku(
  places: readonly PricePlace[],
  tails: ReadonlyMap<string, LatestUpdate[]>,
  update: PriceWithdrawal,
  current: CurrentState,
  now: number,
): AsyncGenerator<{ sku: string; restored: Restored[] }> {
  let group: { sku: string; restored: Restored[] } | undefined;
  for (const together of chunks(places, READS_AT_ONCE)) {
    const found = await Promise.all(
      together.map(place => holding(place, update, tails.get(place.channel) ?? [], current, now)),
    );
    for (const [index, { channel, sku }] of together.entries()) {
      if (group !== undefined && group.sku !== sku) yield inOrder(group);
      if (group?.sku !== sku) group = { sku, restored: [] };
      group.restored.push(...(found[index] ?? []).flatMap(part => restoredOf(part, channel)));
    }
  }
  if (group !== undefined) yield inOrder(group);
}

function inOrder<G extends { restored: Restored[] }>(group: G): G {
  group.restored.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return group;
}

function restoredOf({ update }: StatePart, channel: string): Restored[] {
  return update.kind === 'price.changed' ? update.data.prices.map(price => ({ channel, price, update })) : [];
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
      if (withdrawableUntil(update) < now)
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
