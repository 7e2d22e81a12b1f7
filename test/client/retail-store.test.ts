/** What a store sells by: prices of each type, offers, its own time zone, and what a basket costs. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BasketLine, memoryStorage, PriceBook, type StoreClientOptions } from '../../client/node.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { offer, price, ScriptedChain } from './scripted-chain.ts';

const MINUTE = 60_000;

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

function tokenOf(timeZone: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part({ role: 'store', storeId: 'S', timeZone })}.x`;
}

async function syncedStore(options: Partial<StoreClientOptions> = {}) {
  const store = chain.store(options);
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await store.next('synced');
  return { store, line };
}

/** So long from now, on the wall clock of UTC. */
const wallClock = (ms: number) => chain.time.timestamp(ms).slice(0, -1);

/** A local time in place of UTC's. */
const localOffer = (n: number, validUntilLocal: string): UpdateFrame => ({
  ...offer(n, chain.time.timestamp(MINUTE)),
  validUntil: null,
  validUntilLocal,
});

describe('a time on the store’s clock', () => {
  it('is of the zone that its token names', async () => {
    const { store, line } = await syncedStore({ token: tokenOf('Asia/Tokyo') });
    line.send(localOffer(1, wallClock(9 * 60 * MINUTE + 5 * MINUTE)));
    await store.next('applied');
    expect(store.client.offers()).toHaveLength(1);
    await chain.clock.elapse(5 * MINUTE);
    expect(await store.next('offer.ended')).toMatchObject({ offerId: 'O1' });
  });

  it('ends an offer in this store, though it still runs in others', async () => {
    const { store, line } = await syncedStore({ token: tokenOf('Asia/Tokyo') });
    line.send(localOffer(1, wallClock(9 * 60 * MINUTE)));
    expect(await store.next('rejected')).toMatchObject({ reason: 'expired' });
    expect(store.client.offers()).toEqual([]);
  });

  it('is known after a restart, before any token is', async () => {
    const storage = memoryStorage();
    const { store, line } = await syncedStore({ token: tokenOf('Asia/Tokyo'), storage });
    line.send(localOffer(1, wallClock(9 * 60 * MINUTE + 5 * MINUTE)));
    await store.next('applied');
    await store.client.close();
    const restarted = chain.store({ storage, token: () => new Promise<string>(() => {}) });
    await restarted.client.loaded;
    expect(restarted.client.book.timeZone).toBe('Asia/Tokyo');
    expect(restarted.client.offers()).toHaveLength(1);
  });

  it('is of the zone that the chain tells on the line, also after a restart with the same token', async () => {
    const storage = memoryStorage();
    const options = { token: tokenOf('Asia/Tokyo'), storage };
    const { store, line } = await syncedStore(options);
    line.send({
      type: 'pong',
      positions: { all: 0 },
      timeZone: 'Europe/Berlin',
      serverTime: chain.time.timestamp(),
    });
    line.send(localOffer(1, wallClock(60 * MINUTE + 5 * MINUTE)));
    await store.next('applied');
    expect(store.client.book.timeZone).toBe('Europe/Berlin');
    await store.client.close();
    const restarted = chain.store(options);
    const again = await chain.lines.next();
    expect(restarted.client.book.timeZone).toBe('Europe/Berlin');
    expect(restarted.client.offers()).toHaveLength(1);
    await again.sync({ all: 0 }, { timeZone: 'UTC' });
    await restarted.next('synced');
    expect(restarted.client.book.timeZone).toBe('UTC');
  });

  it('stays in its zone, with an error, where the chain tells one that the runtime does not know', async () => {
    const store = chain.store({ token: tokenOf('Asia/Tokyo') });
    const line = await chain.lines.next();
    await line.sync({ all: 3 }, { timeZone: 'Mars/Olympus' });
    expect((await store.next('error')).message).toContain('Mars/Olympus');
    expect(await store.next('synced')).toMatchObject({ positions: { all: 3 } });
    expect(store.client.book.timeZone).toBe('Asia/Tokyo');
  });

  it('is of its token’s zone again once a chain from before, which tells none, is back', async () => {
    const storage = memoryStorage();
    const { store, line } = await syncedStore({ token: tokenOf('Asia/Tokyo'), storage });
    line.send({ type: 'pong', positions: { all: 0 }, timeZone: 'UTC', serverTime: chain.time.timestamp() });
    line.break();
    await chain.clock.elapse(500);
    const old = await chain.lines.next();
    expect(store.client.book.timeZone).toBe('UTC');
    await old.sync({ all: 0 });
    await store.next('synced');
    expect(store.client.book.timeZone).toBe('Asia/Tokyo');
  });

  it('is taken as UTC, with an error, where the runtime does not know the zone', async () => {
    const { store } = await syncedStore({ token: tokenOf('Mars/Olympus') });
    expect((await store.next('error')).message).toContain('time zone');
    expect(store.client.book.timeZone).toBe('UTC');
  });
});

describe('prices', () => {
  it('end on the second, and give way to what they stood before', async () => {
    const { store, line } = await syncedStore();
    line.send(price(1));
    line.send(price(2, { validUntil: chain.time.timestamp(2 * MINUTE) }, 80));
    await store.next('applied');
    await store.next('applied');
    expect(store.client.price('A')?.amount).toBe(80);
    await chain.clock.elapse(2 * MINUTE);
    expect(await store.next('price.ended')).toMatchObject({ amount: 80 });
    expect(await store.next('price.effective')).toMatchObject({ amount: 100 });
    expect(store.client.price('A')?.amount).toBe(100);
  });

  it('of both types stand beside each other over a restart', async () => {
    const storage = memoryStorage();
    const { store, line } = await syncedStore({ storage });
    const data = (fields: object) => ({ prices: [{ sku: 'A', amount: 90, currency: 'EUR', ...fields }] });
    line.send(price(1, { data: data({ priceType: 'promotional', unit: 'KGM' }) }));
    line.send(price(2, { data: data({ amount: 100, gtin: '4006381333931', name: 'Gouda' }) }));
    await store.next('applied');
    await store.next('applied');
    const saved = store.client.prices({ gtin: '4006381333931' });
    expect(saved).toMatchObject([
      { amount: 90, priceType: 'promotional', unit: 'KGM' },
      { amount: 100, name: 'Gouda' },
    ]);
    await store.client.close();
    const restarted = chain.store({ storage });
    await restarted.client.loaded;
    expect(restarted.client.prices({ gtin: '4006381333931' })).toEqual(saved);
  });

  it('that the version before has saved are read', async () => {
    const storage = memoryStorage();
    const { updateId, publishedAt } = { updateId: 'p', publishedAt: chain.time.timestamp() };
    const entry = { updateId, publishedAt, validFrom: null, channels: ['all'] };
    const terms = { offerId: 'O', title: 'T', skus: ['A'], discount: { percent: 5 }, updateId, publishedAt };
    const validUntil = chain.time.timestamp(MINUTE);
    const state = {
      version: 3,
      chainTime: publishedAt,
      positions: { named: true, channels: { all: [1] } },
      book: {
        prices: [{ sku: 'A', amount: 100, currency: 'EUR', ...entry }],
        offers: [
          {
            ...{ offerId: 'O', updateId, publishedAt, channels: ['all'], lastValidUntil: validUntil },
            offer: { ...terms, validFrom: null, validUntil },
          },
        ],
      },
      receipts: [],
      unapplied: [],
    };
    await storage.save(JSON.stringify(state));
    const { client } = chain.store({ storage });
    await client.loaded;
    expect([client.price('A')?.amount, client.offers().length]).toEqual([100, 1]);
  });
});

describe('a basket', () => {
  it('costs what the offers in force leave of the prices, for members and with coupons', async () => {
    const { store, line } = await syncedStore();
    const { validUntil } = offer(1, chain.time.timestamp(MINUTE));
    line.send(
      price(1, {
        data: {
          prices: [
            { sku: 'A', amount: 100, currency: 'EUR' },
            { sku: 'A', amount: 90, currency: 'EUR', priceType: 'member' },
          ],
        },
      }),
    );
    const threeForTwo = {
      offerId: 'O',
      title: '3 for 2',
      skus: ['A'],
      discount: { percent: 100 },
      buy: { quantity: 2, get: 1 },
    };
    line.send({ ...offer(2, String(validUntil)), data: threeForTwo });
    line.send({
      ...offer(3, String(validUntil)),
      data: { ...threeForTwo, offerId: 'C', coupon: 'HALF', buy: undefined, discount: { percent: 50 } },
    });
    for (let n = 0; n < 3; n += 1) await store.next('applied');
    const lines = [{ sku: 'A', quantity: 3 }];
    expect(store.client.quote(lines)).toEqual({
      currency: 'EUR',
      lines: [
        { sku: 'A', quantity: 3, unitPrice: 100, amount: 300, discounts: [{ amount: 100, offerId: 'O' }] },
      ],
      total: 200,
    });
    expect(store.client.quote(lines, { member: true }).total).toBe(180);
    expect(store.client.quote(lines, { coupons: ['HALF'] }).total).toBe(150);
    expect(() => store.client.quote([{ sku: 'B', quantity: 1 }])).toThrow('B has no price');
  });

  const file = new URL('../../docs/vectors/quote.json', import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };

  interface Vector {
    name: string;
    at: string;
    timeZone: string;
    member?: boolean;
    coupons?: string[];
    prices: object[];
    offers: Record<string, string | undefined>[];
    basket: BasketLine[];
    expected: { lines: unknown[]; total: number };
  }

  it.each(vectors.map(vector => [vector.name, vector] as const))(
    'of the vectors costs the same by the book: %s',
    (_name, { prices, offers, timeZone, at, member, coupons, basket, expected }) => {
      const book = new PriceBook();
      book.timeZone = timeZone;
      if (prices.length > 0) book.apply(price(1, { data: { prices } }));
      for (const {
        validFrom = null,
        validUntil = null,
        validFromLocal,
        validUntilLocal,
        ...data
      } of offers) {
        book.apply({
          ...offer(2, ''),
          ...{ validFrom, validUntil, data },
          ...(validFromLocal === undefined ? {} : { validFromLocal }),
          ...(validUntilLocal === undefined ? {} : { validUntilLocal }),
        });
      }
      const { lines, total } = book.quote(basket, { at: Date.parse(at), member, coupons });
      expect({ lines, total }).toEqual(expected);
    },
  );
});
