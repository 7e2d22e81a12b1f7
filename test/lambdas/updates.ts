/** Updates as an event would make them, for the tests of what stores and sends them. */
import type { Audience } from '../../domain/updates/channels.ts';
import type { Positions, Update, UpdateKind, UpdateOf } from '../../domain/updates/update.ts';
import type { StateWriter } from '../../lambdas/updates/state-writer.ts';
import type { LogSlice, UpdateLog } from '../../lambdas/updates/update-log.ts';

export const NOW = Date.parse('2026-12-01T08:00:00.000Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

let made = 0;

/** A name that no other test of this process has. */
export function unique(prefix: string): string {
  made += 1;
  return `${prefix}${made}`;
}

export function audience(named: Partial<Audience>): Audience {
  return { regions: [], groups: [], stores: [], ...named };
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** Brings an update into the current state, whole. */
export async function record(
  writer: StateWriter,
  update: Update,
  positions: Positions,
  now: number,
): Promise<void> {
  for await (const _ of writer.record(update, positions, now));
}

type Changes<K extends UpdateKind> = Partial<Omit<UpdateOf<K>, 'kind'>>;

const base = () => ({ id: unique('u'), publishedAt: isoTime(NOW), validFrom: null, audience: undefined });

/** A price change; `changes` say what is special about it. */
export function priceUpdate(changes: Changes<'price.changed'> = {}): UpdateOf<'price.changed'> {
  const data = { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] };
  return { ...base(), kind: 'price.changed', validUntil: null, data, ...changes };
}

export function offerUpdate(
  offerId: string,
  validUntil: number,
  changes: Changes<'offer.published'> = {},
): UpdateOf<'offer.published'> {
  const data = { offerId, title: 'Two for one', skus: ['A'], discount: { percent: 50 } };
  return { ...base(), kind: 'offer.published', validUntil: isoTime(validUntil), data, ...changes };
}

export function withdrawal(
  offerId: string,
  changes: Changes<'offer.withdrawn'> = {},
): UpdateOf<'offer.withdrawn'> {
  return { ...base(), kind: 'offer.withdrawn', validUntil: null, data: { offerId }, ...changes };
}

/** @param validUntil null where it names no end */
export function message(
  topic: string,
  validUntil: number | null,
  changes: Changes<'message.published'> = {},
): UpdateOf<'message.published'> {
  const until = validUntil === null ? null : isoTime(validUntil);
  return { ...base(), kind: 'message.published', validUntil: until, data: { topic, data: 'x' }, ...changes };
}

/** As an event asks for it: without what it brings back. */
export function priceWithdrawal(
  updates: string[],
  changes: Changes<'price.withdrawn'> = {},
): UpdateOf<'price.withdrawn'> {
  return {
    ...base(),
    kind: 'price.withdrawn',
    validUntil: null,
    data: { updates, restored: [] },
    ...changes,
  };
}

/** What one channel's log holds past a position. */
export async function sliceAfter(
  log: UpdateLog,
  channel: string,
  position: number,
  now: number,
): Promise<LogSlice> {
  const slice = (await log.afterAll([{ channel, position }], now)).get(channel);
  if (slice === undefined) throw new Error(`nothing is known of ${channel}`);
  return slice;
}
