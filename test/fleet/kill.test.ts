/** `kill -9` in the middle of publishing: what was accepted reaches every store, once, after the next start. */
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createStoreClient, fileStorage, memoryOutbox } from '../../client/node.ts';
import type { System } from '../contract/system.ts';
import { temporaryDirectory } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { killAndRestart, spawnCloud } from './spawned-cloud.ts';

const STORES = 4;
const REGIONS = ['north', 'south'];

test('after a kill -9 in the middle of publishing every store has all that was accepted, each update once', {
  timeout: patience(60_000),
}, async () => {
  const [dataDirectory, storesDirectory] = [temporaryDirectory(), temporaryDirectory()];
  let running = await spawnCloud(dataDirectory);
  const applications = new Map<string, string[]>();
  const clients = await Promise.all(
    Array.from({ length: STORES }, async (_, index) => {
      const storeId = `s${index}`;
      const applied: string[] = [];
      applications.set(storeId, applied);
      const identity = { role: 'store', storeId, region: regionOf(index), groups: [] } as const;
      const client = createStoreClient({
        url: () => running.system.storeEndpoint,
        token: await running.system.mintToken(identity),
        storage: fileStorage(join(storesDirectory, storeId)),
        outbox: memoryOutbox(),
        WebSocket,
        backoff: { baseMs: 50, capMs: 500 },
        apply: ({ id }) => void applied.push(id),
      });
      onTestFinished(() => client.close());
      return client;
    }),
  );
  await vi.waitUntil(() => clients.every(({ positions }) => 'all' in positions), {
    timeout: patience(10_000),
  });

  const accepted = new Map<string, string>();
  for (let kill = 0; kill < 2; kill += 1) {
    const target = accepted.size + 60;
    const publishers = Array.from({ length: 4 }, () => publishUntilKilled(running.system, accepted));
    await vi.waitUntil(() => accepted.size >= target, { timeout: patience(15_000), interval: 1 });
    const restarted = killAndRestart(running, dataDirectory);
    await Promise.all(publishers);
    running = await restarted;
  }

  const expected = (index: number) =>
    [...accepted].flatMap(([id, region]) => (region === '' || region === regionOf(index) ? [id] : [])).sort();
  await vi.waitFor(
    () => {
      for (let index = 0; index < STORES; index += 1) {
        // What was put but not answered when the kill came may be published, or not.
        const got = (applications.get(`s${index}`) ?? []).filter(id => accepted.has(id));
        expect([`s${index}`, ...got.sort()]).toEqual([`s${index}`, ...expected(index)]);
      }
    },
    { timeout: patience(25_000), interval: 200 },
  );
});

let published = 0;

async function publishUntilKilled(system: System, accepted: Map<string, string>): Promise<void> {
  for (;;) {
    published += 1;
    const updateId = `u-${published}`;
    const region = REGIONS[published % 4] ?? '';
    const audience = region === '' ? {} : { audience: { regions: [region], stores: ['elsewhere'] } };
    try {
      const prices = [{ sku: updateId, amount: 1, currency: 'EUR' }];
      await system.publish('PriceChanged', { updateId, prices, ...audience });
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return;
      throw error;
    }
    accepted.set(updateId, region);
  }
}

function regionOf(index: number): string {
  return REGIONS[index % REGIONS.length] ?? '';
}
