/** What the fleet's random runs may meet too rarely: the edges of the log, of offers' lives and of a crash. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { patience } from '../patience.ts';
import { DAY_MS, FleetCloud } from './fleet-cloud.ts';
import { FleetStore } from './fleet-store.ts';
import { Random } from './random.ts';
import { FAIR } from './unreliable-network.ts';

const MINUTE = 60_000;
const price = (sku: string, amount: number) => ({ sku, amount, currency: 'EUR' });

function storeOf(cloud: FleetCloud, storeId: string, skewMs = 0): FleetStore {
  const store = new FleetStore({
    identity: { role: 'store', storeId, region: 'north', groups: [] },
    clock: cloud.clock,
    random: new Random(1),
    skewMs: () => skewMs,
    url: () => cloud.system.storeEndpoint,
    mint: identity => cloud.system.mintToken(identity, { issuedAt: Math.floor(cloud.clock.now() / 1000) }),
    refuses: () => undefined,
  });
  onTestFinished(() => store.stop());
  return store;
}

/** Switches a store on and waits until it has everything. */
async function startAndSync(store: FleetStore): Promise<void> {
  await store.start();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${store.identity.storeId} never caught up: ${store.errors.join('; ')}`)),
      patience(6_000),
    );
    store.client.on('synced', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function publish(cloud: FleetCloud, type: string, detail: Record<string, unknown>): Promise<string> {
  const id = await cloud.system.publish(type, detail);
  await broadcastEnded(cloud, id);
  return id;
}

function broadcastEnded(cloud: FleetCloud, id: string): Promise<boolean> {
  return vi.waitUntil(
    () => cloud.logs.some(line => line.includes('"message":"broadcast"') && line.includes(id)),
    { timeout: patience(20_000), interval: 10 },
  );
}

function offer(cloud: FleetCloud, offerId: string, forMs: number) {
  return {
    offerId,
    title: offerId,
    skus: ['A'],
    discount: { percent: 10 },
    validUntil: new Date(cloud.clock.now() + forMs).toISOString(),
  };
}

test('a store that was away gets the offers that are still valid', async () => {
  const cloud = await FleetCloud.boot();
  const id = await publish(cloud, 'OfferPublished', offer(cloud, 'summer', 60 * MINUTE));
  const store = storeOf(cloud, 's1');
  await startAndSync(store);
  expect(store.client.offers().map(({ updateId }) => updateId)).toEqual([id]);
});

test('a new store gets what is in force where more entries than a page holds have expired', async () => {
  const cloud = await FleetCloud.boot();
  for (let index = 0; index < 60; index += 1)
    await cloud.system.publish('PriceChanged', {
      prices: [price(`sku-${index}`, index)],
      updateId: `u-${index}`,
    });
  for (let index = 0; index < 60; index += 1) await broadcastEnded(cloud, `"u-${index}"`);
  cloud.clock.advance(2 * DAY_MS);
  await publish(cloud, 'PriceChanged', { prices: [price('last', 1)] });
  const store = storeOf(cloud, 's1');
  await startAndSync(store);
  expect(store.client.book.skus()).toHaveLength(61);
  expect(store.client.positions).toMatchObject({ all: 61 });
  expect(store.faults).toEqual([]);
});

test('a current state of several pages is read to its end, and each part of it comes once', async () => {
  const cloud = await FleetCloud.boot();
  for (let update = 0; update < 5; update += 1) {
    const prices = Array.from({ length: 200 }, (_, index) => price(`sku-${update}-${10_000 + index}`, index));
    await publish(cloud, 'PriceChanged', { prices });
  }
  cloud.clock.advance(2 * DAY_MS);
  await publish(cloud, 'PriceChanged', { prices: [price('last', 1)] });
  const store = storeOf(cloud, 's1');
  await startAndSync(store);
  expect(store.client.book.skus()).toHaveLength(1_001);
  expect(store.client.positions).toMatchObject({ all: 6 });
  expect(store.faults).toEqual([]);
});

test('what is published while a store reads the current state holds in the end, whatever it had read of it', async () => {
  const cloud = await FleetCloud.boot();
  for (let update = 0; update < 4; update += 1) {
    const prices = Array.from({ length: 200 }, (_, index) => price(`sku-${update}-${10_000 + index}`, 1));
    await publish(cloud, 'PriceChanged', { prices });
  }
  cloud.clock.advance(2 * DAY_MS);
  await publish(cloud, 'PriceChanged', { prices: [price('last', 1)] });
  const store = storeOf(cloud, 's1');
  const syncing = startAndSync(store);
  // They replace what is on the first page of the state, and on the last, or come live before it is read.
  const skus = ['sku-0-10000', 'sku-3-10199', 'sku-1-10007', 'new'];
  for (const sku of skus) await publish(cloud, 'PriceChanged', { prices: [price(sku, 2)] });
  await syncing;
  await vi.waitUntil(() => store.client.positions.all === 9, { timeout: patience(5_000) });
  expect(store.client.book.skus()).toHaveLength(802);
  const amounts = skus.map(sku => store.client.book.price(sku, cloud.clock.now())?.amount);
  expect(amounts).toEqual([2, 2, 2, 2]);
  expect(store.client.book.price('sku-0-10001', cloud.clock.now())?.amount).toBe(1);
  expect(store.faults).toEqual([]);
});

test('an offer that was replaced by a shorter one, over meanwhile, is over for a store that held the first', async () => {
  const cloud = await FleetCloud.boot();
  const [here, away] = [storeOf(cloud, 'here'), storeOf(cloud, 'away')];
  await Promise.all([startAndSync(here), startAndSync(away)]);
  const first = await publish(cloud, 'OfferPublished', offer(cloud, 'summer', 60 * MINUTE));
  await vi.waitUntil(() => [here, away].every(({ outcomes }) => outcomes.has(first)), {
    timeout: patience(5_000),
  });
  await away.stop();
  const second = await publish(cloud, 'OfferPublished', offer(cloud, 'summer', MINUTE));
  await vi.waitUntil(() => here.outcomes.has(second), { timeout: patience(5_000) });
  cloud.clock.advance(2 * MINUTE);
  await startAndSync(away);
  expect(here.client.offers()).toEqual([]);
  expect(away.client.offers()).toEqual([]);
});

test('an offer is over everywhere though its broadcast crashed and was retried past its end', async () => {
  const cloud = await FleetCloud.boot();
  const [here, away] = [storeOf(cloud, 'here'), storeOf(cloud, 'away')];
  await startAndSync(here);
  await publish(cloud, 'OfferPublished', offer(cloud, 'summer', 60 * MINUTE));
  // It reaches the store that is there, and then the environment dies.
  let posts = 0;
  cloud.faults.post = () => {
    posts += 1;
    cloud.crashBroadcastNow();
    return undefined;
  };
  await cloud.system.publish('OfferPublished', { ...offer(cloud, 'summer', MINUTE), updateId: 'short' });
  await vi.waitUntil(() => posts > 0 && here.outcomes.has('short'), { timeout: patience(5_000) });
  await vi.waitUntil(() => cloud.logs.some(line => line.includes('exit status 1')), {
    timeout: patience(5_000),
  });
  // Lambda's retry comes after the end.
  cloud.clock.advance(2 * MINUTE);
  await vi.waitUntil(() => here.client.offers().length === 0, { timeout: patience(5_000) });
  await startAndSync(away);
  expect(away.client.offers()).toEqual([]);
});

test('the chain’s time is known to a second though the first question was lost', async () => {
  const cloud = await FleetCloud.boot();
  const store = storeOf(cloud, 's1', 10 * MINUTE);
  store.network.weather = { ...FAIR, lose: 1 };
  await store.start();
  await vi.waitUntil(() => store.client.connected, { timeout: patience(5_000) });
  store.network.weather = FAIR;
  const synced = new Promise<void>(resolve => store.client.on('synced', () => resolve()));
  // The question is repeated.
  cloud.clock.advance(12_000);
  await synced;
  expect(Math.abs(store.client.now() - cloud.clock.now())).toBeLessThan(1_000);
});
