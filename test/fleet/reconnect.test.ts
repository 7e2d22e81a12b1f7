/**
 * A fleet that was away for 100 updates comes back all at once, at the gateway's 500 new connections a second.
 * `FLEET_STORES=1000` for the reference fleet; most stores are bare sockets, some the client library.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect, type Frame, RefusedHandshakeError, type TestStore } from '../contract/store.ts';
import { patience } from '../patience.ts';
import { FleetCloud } from './fleet-cloud.ts';
import { FleetStore } from './fleet-store.ts';
import { Random } from './random.ts';

const STORES = Number(process.env.FLEET_STORES ?? 100);
const CLIENTS = 10;
const UPDATES = 100;
const REGIONS = ['north', 'south', 'west', 'east'];

test(`${STORES} stores that were away for ${UPDATES} updates reconnect at once: all are current, none got one twice`, {
  timeout: patience(240_000),
}, async () => {
  const cloud = await FleetCloud.boot();
  const clients = Array.from({ length: CLIENTS }, (_, index) => clientOf(cloud, index));
  for (const client of clients) await client.start();
  await vi.waitUntil(() => clients.every(isInTouch), { timeout: patience(10_000) });
  for (const client of clients) await client.stop();
  const missed = await publishAll(cloud);
  const tokens = await Promise.all(
    Array.from({ length: STORES - CLIENTS }, (_, index) => cloud.system.mintToken(identityOf(index))),
  );

  const startedAt = performance.now();
  const bare = tokens.map((token, index) => comeBack(cloud, token, index));
  for (const client of clients) await client.start();
  const received = await Promise.all(bare);
  const durations = received.map(({ doneAt }) => doneAt - startedAt).sort((a, b) => a - b);
  await vi.waitUntil(() => clients.every(isCurrent), { timeout: patience(60_000) });
  console.log(
    `${STORES} stores, ${UPDATES} updates: half current after ${seconds(durations[durations.length >> 1])}, ` +
      `all after ${seconds(durations.at(-1))}`,
  );

  for (const [index, { ids }] of received.entries()) expect(ids.sort()).toEqual(missed[regionOf(index)]);
  for (const [index, { applications, faults }] of clients.entries()) {
    expect([...applications.keys()].sort()).toEqual(missed[regionOf(index)]);
    expect([...applications.values()].every(times => times === 1)).toBe(true);
    expect(faults).toEqual([]);
  }
});

/** The ids that a store of each region has missed. */
async function publishAll(cloud: FleetCloud): Promise<Record<string, string[]>> {
  const { system } = cloud;
  for (let index = 0; index < UPDATES; index += 1) {
    const audience =
      index % 2 === 0 ? {} : { audience: { regions: REGIONS.slice(0, 1 + ((index % 8) >> 1)) } };
    const prices = [1, 2, 3, 4].map(part => ({
      sku: `sku-${index}-${part}`,
      amount: index,
      currency: 'EUR',
    }));
    await system.publish('PriceChanged', { updateId: `u-${index}`, prices, ...audience });
  }
  const ended = () => cloud.logs.filter(line => line.includes('"message":"broadcast"')).length;
  await vi.waitUntil(() => ended() >= UPDATES, { timeout: patience(60_000), interval: 20 });
  const items = await cloud.logItems();
  const idsOf = (channel: string) =>
    items.filter(item => item.channel === channel).map(item => item.updateId);
  return Object.fromEntries(
    REGIONS.map(region => [region, [...idsOf('all'), ...idsOf(`region/${region}`)].sort()]),
  );
}

/**
 * Connects as soon as the gateway takes it, and syncs: every other store page by page, the others by one answer. Ends with
 * a ping that shows nothing missing.
 */
async function comeBack(
  cloud: FleetCloud,
  token: string,
  index: number,
): Promise<{ ids: string[]; doneAt: number }> {
  const store = await connectWhenTaken(cloud, token);
  const ids: string[] = [];
  const size = index % 2 === 0 ? {} : { maxBytes: 128 * 1024 };
  let pages = 0;
  let positions: unknown = { all: 0, [`region/${regionOf(index)}`]: 0, [`store/b${index}`]: 0 };
  for (let more = true; more; ) {
    const answer = await answered(store, { action: 'sync', positions, ...size }, 'synced');
    pages += 1;
    expect(answer.recovered).toBe(true);
    ids.push(...(answer.updates as Frame[]).map(({ id }) => String(id)));
    positions = answer.positions;
    more = answer.more === true;
  }
  const doneAt = performance.now();
  if (index % 2 === 1) expect(pages).toBe(1);
  // Most of them have more than a frame of 32 KB.
  else if (regionOf(index) === 'north') expect(pages).toBeGreaterThan(1);
  expect(store.updateIds).toEqual([]);
  expect(await answered(store, { action: 'ping' }, 'pong')).toMatchObject({ positions });
  return { ids, doneAt };
}

/** Asks until it is answered: in a storm the gateway also says by itself that nothing was accepted, or the chain to wait. */
async function answered(store: TestStore, frame: object, type: 'synced' | 'pong'): Promise<Frame> {
  const isAnswer = (answer: Frame) =>
    answer.type === type || answer.type === 'error' || isGatewayError(answer);
  for (;;) {
    store.send(frame);
    const answer = await store
      .next(isAnswer)
      .catch(() => store.next(isAnswer))
      .catch(() => store.next(isAnswer));
    if (answer.type === type) return answer;
    if (answer.type === 'error') expect(answer.code).toBe('rate_limited');
    await jitter();
  }
}

function isGatewayError(frame: Frame): boolean {
  return frame.type === undefined && 'connectionId' in frame;
}

/** As the protocol asks of every client. */
function jitter(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.random() * 2_000));
}

async function connectWhenTaken(cloud: FleetCloud, token: string): Promise<TestStore> {
  for (;;) {
    try {
      return await connect(cloud.system, { token });
    } catch (error) {
      if (!(error instanceof RefusedHandshakeError) || error.status !== 429) throw error;
      await jitter();
    }
  }
}

function clientOf(cloud: FleetCloud, index: number): FleetStore {
  const store = new FleetStore({
    identity: { role: 'store', storeId: `c${index}`, region: regionOf(index), groups: [] },
    clock: cloud.clock,
    random: new Random(index),
    skewMs: () => 0,
    url: () => cloud.system.storeEndpoint,
    mint: identity => cloud.system.mintToken(identity),
    refuses: () => undefined,
  });
  onTestFinished(() => store.stop());
  return store;
}

function identityOf(index: number) {
  return { role: 'store', storeId: `b${index}`, region: regionOf(index), groups: [] } as const;
}

function regionOf(index: number): string {
  return REGIONS[index % REGIONS.length] ?? '';
}

function isInTouch({ isOn, client }: FleetStore): boolean {
  return isOn && Object.keys(client.positions).length > 0;
}

function isCurrent(store: FleetStore): boolean {
  return isInTouch(store) && store.client.positions.all === UPDATES / 2 && store.network.isQuiet;
}

function seconds(ms = 0): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
