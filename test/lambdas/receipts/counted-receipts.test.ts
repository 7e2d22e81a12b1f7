/** Which receipts count, and how: only of what was published, to this store, at a time when it can have been. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Update } from '../../../domain/updates/update.ts';
import { handler as answerFrame } from '../../../lambdas/default.ts';
import { deliveryOf } from '../../../lambdas/receipts/delivery-report.ts';
import { receiptsFromEnvironment } from '../../../lambdas/receipts/receipts.ts';
import { logWriterFromEnvironment } from '../../../lambdas/updates/log-writer.ts';
import { enterEnvironment, startAws } from '../aws.ts';
import { captureLog, webSocketEvent } from '../events.ts';
import { audience, HOUR, isoTime, offerUpdate, priceUpdate, unique } from '../updates.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
afterEach(() => aws.reset());
const receipts = receiptsFromEnvironment();
const writer = logWriterFromEnvironment();
const PUBLISHED = Math.floor(Date.now() / 1_000) * 1_000 - 2 * HOUR;

const newStore = () => ({ storeId: unique('s'), region: 'north', groups: ['city'] });
type Store = ReturnType<typeof newStore>;

async function frame(store: Store, body: object) {
  const identity = { role: 'store' as const, ...store };
  const line = { identity, connectionId: unique('c='), connectedAt: Date.now() - 1_000 };
  const event = webSocketEvent(line, { body: JSON.stringify({ action: 'applied', ...body }) });
  return JSON.parse((await answerFrame(event)).body ?? '');
}

const apply = (store: Store, id: string, appliedAt: number) =>
  frame(store, { updates: [{ id, appliedAt: isoTime(appliedAt) }] });

async function publish<U extends Update>(update: U): Promise<U> {
  await writer.begin(update, 'worker', Date.now());
  return update;
}

const newPrice = (changes: Parameters<typeof priceUpdate>[0] = {}) =>
  priceUpdate({ publishedAt: isoTime(PUBLISHED), ...changes });
const newOffer = (validUntil: number) =>
  offerUpdate(unique('o'), validUntil, { publishedAt: isoTime(PUBLISHED) });

describe('a receipt', () => {
  it('of what nobody has published is answered, counts nowhere, and the true one counts', async () => {
    const [store, update] = [newStore(), newPrice()];
    const answer = { type: 'applied.accepted', ids: [update.id] };
    expect(await apply(store, update.id, Date.parse('2000-01-01T00:00:00Z'))).toEqual(answer);
    expect(await frame(store, { rejected: [{ id: update.id, reason: 'no' }] })).toEqual(answer);
    expect(await receipts.of(update.id)).toEqual([]);
    await publish(update);
    expect(await apply(store, update.id, PUBLISHED + 500)).toEqual(answer);
    expect(await receipts.of(update.id)).toEqual([
      { storeId: store.storeId, outcome: 'applied', at: PUBLISHED + 500 },
    ]);
  });

  it.each([
    ['another store', { stores: ['elsewhere'] }, false],
    ['another region', { regions: ['south'] }, false],
    ['another group', { groups: ['country'] }, false],
    ['its region', { regions: ['south', 'north'] }, true],
    ['its group', { regions: ['south'], groups: ['city'] }, true],
  ])('of what was published to %s counts only if that reaches its store', async (_title, named, counts) => {
    const { id } = await publish(newPrice({ audience: audience(named) }));
    expect(await apply(newStore(), id, PUBLISHED)).toEqual({ type: 'applied.accepted', ids: [id] });
    await frame(newStore(), { rejected: [{ id, reason: 'no' }] });
    expect(await receipts.of(id)).toHaveLength(counts ? 2 : 0);
  });

  it('says no time before the publication, nor one to come', async () => {
    const { id } = await publish(newPrice());
    const [early, ahead] = [newStore(), newStore()];
    await apply(early, id, Date.parse('2000-01-01T00:00:00Z'));
    const before = Date.now();
    await apply(ahead, id, Date.now() + HOUR);
    const atOf = new Map((await receipts.of(id)).map(({ at, storeId }) => [storeId, at]));
    expect(atOf.get(early.storeId)).toBe(PUBLISHED);
    expect(atOf.get(ahead.storeId)).toBeGreaterThanOrEqual(before);
    expect(atOf.get(ahead.storeId)).toBeLessThanOrEqual(Date.now());
  });

  it('is not lost where its update can’t be read: nothing is accepted', async () => {
    const { id } = await publish(newPrice());
    aws.faultOf = operation => (operation === 'GetItem' ? 'refuse' : undefined);
    expect(await apply(newStore(), id, PUBLISHED)).toMatchObject({ type: 'error', code: 'internal' });
  });

  it('costs one read of its update for all stores', async () => {
    const { id } = await publish(newPrice());
    let reads = 0;
    aws.faultOf = operation => {
      if (operation === 'GetItem') reads += 1;
      return undefined;
    };
    for (let store = 0; store < 5; store += 1) await apply(newStore(), id, PUBLISHED);
    // Beside that of each store's place in the roster.
    expect(reads).toBe(1 + 5);
    expect(await receipts.of(id)).toHaveLength(5);
  });
});

describe('an offer that is over', () => {
  const END = PUBLISHED + HOUR;

  // It was `expired` where it came live, and `applied` where it came by sync.
  it.each<[string, object, string]>([
    ['says that it was applied after its end', { updates: [{ appliedAt: isoTime(END) }] }, 'expired'],
    ['rejects it as expired', { rejected: [{ reason: 'expired' }] }, 'expired'],
    ['applied it before its end', { updates: [{ appliedAt: isoTime(END - 1) }] }, 'applied'],
    ['rejects it for another reason', { rejected: [{ reason: 'unknown SKU' }] }, 'rejected'],
  ])('counts as it should at a store that %s: %j is %s', async (_title, answer, state) => {
    const offer = await publish(newOffer(END));
    const store = newStore();
    const lists = Object.entries(answer).map(([name, [one]]) => [name, [{ id: offer.id, ...one }]]);
    await frame(store, Object.fromEntries(lists));
    const known = { ...store, positions: {}, firstSeenAt: 0, lastSeenAt: 0 };
    const fleet = {
      stores: [{ ...known, wentOffAt: undefined, revokedAt: undefined }],
      connected: new Set<string>(),
    };
    const { counts, lastAppliedMs } = deliveryOf(offer, fleet, await receipts.of(offer.id), Date.now());
    expect(counts).toMatchObject({ targeted: 1, [state]: 1 });
    expect(lastAppliedMs).toBe(state === 'applied' ? HOUR - 1 : null);
  });

  it.each<[string, string | undefined, string]>([
    ['ends on the clock of each store', '2026-11-01T06:00', 'expired'],
    ['never ends', undefined, 'rejected'],
  ])('is told as such of a price that %s, at a store that found it so', async (_title, local, state) => {
    const end = local === undefined ? {} : { validUntilLocal: local };
    const store = newStore();
    const price = await publish(newPrice({ audience: audience({ stores: [store.storeId] }), ...end }));
    await frame(store, { rejected: [{ id: price.id, reason: 'expired' }] });
    const fleet = { stores: [], connected: new Set<string>() };
    const { counts } = deliveryOf(price, fleet, await receipts.of(price.id), Date.now());
    expect(counts).toMatchObject({ targeted: 1, [state]: 1 });
  });
});
