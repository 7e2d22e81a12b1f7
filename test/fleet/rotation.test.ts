/** A line that grows old, and one that dies without a word: nothing is lost, nothing comes twice, nobody does anything. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { patience } from '../patience.ts';
import { FleetCloud } from './fleet-cloud.ts';
import { FleetStore } from './fleet-store.ts';
import { Random } from './random.ts';
import { FAIR } from './unreliable-network.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

async function connectedStore(cloud: FleetCloud, storeId: string): Promise<FleetStore> {
  const store = new FleetStore({
    identity: { role: 'store', storeId, region: 'north', groups: [] },
    clock: cloud.clock,
    random: new Random(7),
    skewMs: () => 0,
    url: () => cloud.system.storeEndpoint,
    mint: identity => cloud.system.mintToken(identity),
    refuses: () => undefined,
  });
  onTestFinished(() => store.stop());
  await store.start();
  await vi.waitUntil(() => Object.keys(store.client.positions).length > 0, { timeout: patience(20_000) });
  return store;
}

async function publishOne(cloud: FleetCloud, index: number): Promise<string> {
  const prices = [{ sku: `sku-${index}`, amount: index, currency: 'EUR' }];
  return cloud.system.publish('PriceChanged', { updateId: `u-${index}`, prices });
}

test('the rotations of four hours lose and double nothing, while updates are published', {
  timeout: patience(60_000),
}, async () => {
  const cloud = await FleetCloud.boot();
  const stores = await Promise.all(['s0', 's1', 's2'].map(storeId => connectedStore(cloud, storeId)));
  const events: string[] = [];
  for (const { client, identity } of stores) {
    client.on('open', () => events.push(`${identity.storeId} opened`));
    client.on('close', ({ code }) => events.push(`${identity.storeId} closed ${code}`));
  }
  const ids: string[] = [];
  // Steps short enough for the latest rotation, after 115.5 minutes, to come before the gateway's two hours.
  // An update is on its way whenever a new connection may be opening.
  for (let minutes = 0; minutes < 4 * 60; minutes += 4) {
    ids.push(await publishOne(cloud, ids.length));
    await vi.waitUntil(() => stores.every(({ network }) => network.isQuiet), {
      timeout: patience(20_000),
      interval: 1,
    });
    cloud.clock.advance(4 * MINUTE);
  }
  const isDone = () =>
    stores.every(({ client, network }) => client.positions.all === ids.length && network.isQuiet);
  await vi.waitFor(
    () => {
      if (stores.every(({ network }) => network.isQuiet)) cloud.clock.advance(5 * SECOND);
      expect(isDone()).toBe(true);
    },
    { timeout: patience(15_000), interval: 30 },
  );
  for (const { applications, faults, identity } of stores) {
    expect([...applications.keys()].sort()).toEqual([...ids].sort());
    expect([...applications.values()].filter(times => times !== 1)).toEqual([]);
    expect(faults).toEqual([]);
    const own = events.filter(event => event.startsWith(`${identity.storeId} `));
    expect(own.filter(event => event.includes('opened')).length).toBeGreaterThanOrEqual(2);
    // The chain may end the old connection a moment before the new one is open, but never because it was too old.
    expect(own.filter(event => event.includes('closed') && !event.includes('1000'))).toEqual([]);
  }
});

test('a line that dies without a word is noticed by its heartbeat, and what it missed is applied', async () => {
  const cloud = await FleetCloud.boot();
  const store = await connectedStore(cloud, 's0');
  const opened = vi.fn();
  store.client.on('open', opened);
  // Nothing arrives any more in either direction, and no end of file tells of it.
  store.network.weather = { ...FAIR, lose: 1 };
  const ids = [await publishOne(cloud, 0), await publishOne(cloud, 1)];
  await vi.waitUntil(
    () =>
      ids.every(id => cloud.logs.some(line => line.includes('"message":"broadcast"') && line.includes(id))),
    { timeout: patience(20_000) },
  );
  expect(store.client.connected).toBe(true);
  expect(store.applications.size).toBe(0);
  // A heartbeat, and the time that its answer has.
  cloud.clock.advance(4 * MINUTE);
  cloud.clock.advance(20 * SECOND);
  expect(store.client.connected).toBe(false);
  store.network.weather = FAIR;
  cloud.clock.advance(SECOND);
  await vi.waitUntil(() => ids.every(id => store.outcomes.get(id) === 'applied'), {
    timeout: patience(20_000),
  });
  expect(opened).toHaveBeenCalledTimes(1);
  expect([...store.applications.values()]).toEqual([1, 1]);
  expect(store.faults).toEqual([]);
});

test('a post that is lost without a trace is found by the next heartbeat', async () => {
  const cloud = await FleetCloud.boot();
  const store = await connectedStore(cloud, 's0');
  cloud.faults.post = () => 'lose';
  const id = await publishOne(cloud, 0);
  await vi.waitUntil(() => cloud.logs.some(line => line.includes('"message":"broadcast"')), {
    timeout: patience(20_000),
  });
  delete cloud.faults.post;
  cloud.clock.advance(4 * MINUTE);
  await vi.waitFor(
    () => {
      if (store.network.isQuiet) cloud.clock.advance(SECOND);
      expect(store.outcomes.get(id)).toBe('applied');
    },
    { timeout: patience(20_000), interval: 50 },
  );
  expect(store.faults).toEqual([]);
});
