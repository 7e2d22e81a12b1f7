/**
 * Completes the withdrawal of price updates: whom it reaches, and which prices it brings back. A price that the withdrawn
 * ones had replaced is read from the current state, and from the end of the log, which the state follows after the posts.
 */
import { priceKey } from '../../../domain/retail/price.ts';
import { isOver } from '../../../domain/retail/validity.ts';
import { type Audience, audienceChannels } from '../../../domain/updates/channels.ts';
import { RefusedEventError } from '../../../domain/updates/published-events.ts';
import type { Positions, Update, UpdateOf } from '../../../domain/updates/update.ts';
import type { RestoredPrices } from '../../../domain/updates/update-content.ts';
import { type StatePart, subjectParts, superseded, versionOf, WITHDRAWABLE_DAYS } from '../current-items.ts';
import type { CurrentState } from '../current-state.ts';
import type { UpdateLog } from '../update-log.ts';

/** Updates at the end of a channel that may not be in the state yet. */
const TAIL = 200;
const DAY_MS = 86_400_000;

export type PriceWithdrawal = UpdateOf<'price.withdrawn'>;
type Prices = UpdateOf<'price.changed'>;

/**
 * Gives a withdrawal its audience: everybody whom the withdrawn updates were published to, and whom it names itself.
 *
 * @throws RefusedEventError if an update is unknown, not of prices, or too old to be taken back
 */
export async function addressed(
  update: PriceWithdrawal,
  log: Pick<UpdateLog, 'find'>,
  now: number,
): Promise<PriceWithdrawal> {
  const withdrawn = await withdrawnUpdates(update, log, now);
  return { ...update, audience: unionOf(update.audience, withdrawn) };
}

/** Gives an addressed withdrawal the prices that hold, or will hold, without the withdrawn ones. */
export async function completed(
  update: PriceWithdrawal,
  { log, current }: { log: UpdateLog; current: CurrentState },
  now: number,
): Promise<PriceWithdrawal> {
  const withdrawn = await withdrawnUpdates(update, log, now);
  const ignored = new Set([...(await current.withdrawn()), ...update.data.updates]);
  const restored = new Map<string, RestoredPrices>();
  for (const channel of new Set(withdrawn.flatMap(({ audience }) => audienceChannels(audience)))) {
    const prices = withdrawn
      .filter(({ audience }) => audienceChannels(audience).includes(channel))
      .flatMap(({ data }) => data.prices);
    const tail = await tailOf(channel, log, now);
    for (const key of new Set(prices.map(priceKey))) {
      const known = [...tail, ...(await current.prices(channel, key))];
      const counting = new Map(
        known
          .filter(part => part.subject.startsWith(`price#${key}#`))
          .filter(({ update: { id }, update: part }) => !ignored.has(id) && !isOver(part, now))
          .map(part => [part.subject, part]),
      );
      const lost = new Set(superseded([...counting.values()], now).map(({ price }) => price));
      for (const part of counting.values()) if (!lost.has(part)) gather(restored, channel, part);
    }
  }
  return { ...update, data: { ...update.data, restored: [...restored.values()] } };
}

async function withdrawnUpdates(
  { data }: PriceWithdrawal,
  log: Pick<UpdateLog, 'find'>,
  now: number,
): Promise<Prices[]> {
  return Promise.all(
    data.updates.map(async id => {
      const found = await log.find(id);
      if (found?.positions === undefined) throw refusal(`update ${id} is not known`);
      const { update } = found;
      if (update.kind !== 'price.changed') throw refusal(`update ${id} is no price: it is ${update.kind}`);
      const { publishedAt, validFrom } = update;
      const effectiveAt = Math.max(Date.parse(publishedAt), Date.parse(validFrom ?? publishedAt));
      if (effectiveAt + WITHDRAWABLE_DAYS * DAY_MS < now)
        throw refusal(`update ${id} took effect more than ${WITHDRAWABLE_DAYS} days ago`);
      return update;
    }),
  );
}

function refusal(reason: string): RefusedEventError {
  return new RefusedEventError('InvalidEvent', `updates: ${reason}`);
}

function unionOf(own: Audience | undefined, withdrawn: readonly Prices[]): Audience | undefined {
  const audiences = withdrawn.map(({ audience }) => audience);
  if (audiences.includes(undefined)) return undefined;
  const named = [...audiences, own].filter(audience => audience !== undefined);
  const all = (kind: keyof Audience) => [...new Set(named.flatMap(audience => audience[kind]))].sort();
  return { regions: all('regions'), groups: all('groups'), stores: all('stores') };
}

async function tailOf(channel: string, log: UpdateLog, now: number): Promise<StatePart[]> {
  const newest: Positions = await log.newest([channel]);
  let position = Math.max(0, (newest[channel] ?? 0) - TAIL);
  const parts: StatePart[] = [];
  for (;;) {
    const { entries, hasMore } = await log.after(channel, position, now);
    for (const { position: at, update } of entries)
      if (update.kind === 'price.changed') parts.push(...partsOf(channel, at, update as unknown as Update));
    position = entries.at(-1)?.position ?? position;
    if (!hasMore || entries.length === 0) return parts;
  }
}

function partsOf(channel: string, position: number, update: Update): StatePart[] {
  return subjectParts(update).map(({ subject, part }) => ({
    channel,
    subject,
    position,
    version: versionOf(part),
    update: part,
    supersededBy: undefined,
    expiresAt: undefined,
  }));
}

function gather(restored: Map<string, RestoredPrices>, channel: string, { update }: StatePart): void {
  if (update.kind !== 'price.changed') return;
  const { id, publishedAt, validFrom, validFromLocal, validUntil, validUntilLocal } = update;
  const known = restored.get(id) ?? {
    updateId: id,
    publishedAt,
    validFrom,
    validUntil,
    ...(validFromLocal === undefined ? {} : { validFromLocal }),
    ...(validUntilLocal === undefined ? {} : { validUntilLocal }),
    channels: [],
    prices: [],
  };
  if (!known.channels.includes(channel)) known.channels.push(channel);
  const keys = new Set(known.prices.map(priceKey));
  known.prices.push(...update.data.prices.filter(price => !keys.has(priceKey(price))));
  restored.set(id, known);
}
