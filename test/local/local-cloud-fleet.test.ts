/** A thousand lines at once: a tenth of them dead without a word, and ten updates at the same moment. */
import { randomUUID } from 'node:crypto';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test, vi } from 'vitest';
import { Environment } from '../../domain/names.ts';
import { connect, type TestStore } from '../contract/store.ts';
import { connectedStoreIds } from '../contract/store-list.ts';
import type { System } from '../contract/system.ts';
import { patience } from '../patience.ts';
import { assemblyWithVariables, bootCloud, broadcastReport } from './booted-cloud.ts';

const CUT = 100;
const CONNECTING_FAST = { newConnections: { rate: 10_000, burst: 10_000 } };

test('of 1,000 stores of which 100 went without a word, an event reaches the 900 once each, and the registry is theirs', {
  timeout: patience(40_000),
}, async () => {
  const lost = new Set<string>();
  const disconnect = (connectionId: string): 'lose' => {
    lost.add(connectionId);
    return 'lose';
  };
  const booted = await bootCloud({ limits: CONNECTING_FAST, faults: { disconnect } });
  const stores = await connectFleet(booted.system, 1_000);
  expect(await connectedStoreIds(booted.system)).toHaveLength(1_000);

  const cut = stores.slice(0, CUT);
  const left = stores.slice(CUT);
  await Promise.all(cut.map(store => store.cut()));
  await vi.waitUntil(() => lost.size === CUT, { timeout: patience(5_000) });

  const id = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  const report = await vi.waitUntil(() => broadcastReport(booted, id), { timeout: patience(15_000) });
  expect(report).toMatchObject({ sent: 900, gone: CUT, failed: 0 });
  const marker = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  await Promise.all(left.map(store => store.update(marker)));
  expect(left.filter(store => store.updateIds.join() !== `${id},${marker}`)).toEqual([]);
  expect(cut.flatMap(store => store.updateIds)).toEqual([]);
  expect(await connectedStoreIds(booted.system)).toEqual(idsFrom(CUT, 1_000));
});

test('of ten updates in one PutEvents 300 stores have each once, and none of their posts is throttled', {
  timeout: patience(60_000),
}, async () => {
  // As few a second for each store as 1,000 have of the quota of AWS's newer Regions.
  const requests = { rate: 750, burst: 375 };
  const assemblyDirectory = assemblyWithVariables({
    [Environment.postsPerSecond]: String(0.45 * requests.rate),
    [Environment.postBurst]: String(0.4 * requests.burst),
  });
  const booted = await bootCloud({ assemblyDirectory, limits: { ...CONNECTING_FAST, requests } });
  const stores = await connectFleet(booted.system, 300);
  const ids = Array.from({ length: 10 }, () => randomUUID());
  const { clients, outputs } = booted.system;
  const Entries = ids.map((updateId, index) => ({
    EventBusName: outputs.EventBusName,
    Source: 'test',
    DetailType: 'PriceChanged',
    Detail: JSON.stringify({ updateId, prices: [{ sku: `A${index}`, amount: 1, currency: 'EUR' }] }),
  }));
  expect(await clients.events.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
  const reports = await Promise.all(
    ids.map(id => vi.waitUntil(() => broadcastReport(booted, id), { timeout: patience(40_000) })),
  );
  for (const report of reports) expect(report).toMatchObject({ sent: 300, throttled: 0 });
  await Promise.all(stores.flatMap(store => ids.map(id => store.update(id))));
  expect(stores.filter(({ updateIds }) => updateIds.length !== ids.length)).toEqual([]);
});

/** Two hundred at a time: handshakes are a matter of seconds, and nobody should wait for all of them. */
async function connectFleet(system: System, size: number): Promise<TestStore[]> {
  const identities = idsFrom(0, size).map(
    storeId => ({ role: 'store', storeId, region: 'r', groups: [] }) as const,
  );
  const tokens = await Promise.all(identities.map(identity => system.mintToken(identity)));
  const stores: TestStore[] = [];
  for (let start = 0; start < size; start += 200) {
    const batch = tokens.slice(start, start + 200);
    stores.push(...(await Promise.all(batch.map(token => connect(system, { token })))));
  }
  return stores;
}

function idsFrom(first: number, size: number): string[] {
  return Array.from({ length: size - first }, (_, index) => String(first + index).padStart(4, '0'));
}
