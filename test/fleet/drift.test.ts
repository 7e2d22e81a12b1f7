/** A damaged book through real sockets, on a clock that jumps: it is found within ten minutes, told, and healed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, fileStorage, memoryOutbox, type StoreClient } from '../../client/node.ts';
import { type AdjustableClock, createClock } from '../../local/cloud-clock.ts';
import { bootCloud, temporaryDirectory } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { Random } from './random.ts';
import { UnreliableNetwork } from './unreliable-network.ts';

const MINUTE = 60_000;
const PATIENCE = { timeout: patience(20_000), interval: 5 };

class Stores {
  readonly clock: AdjustableClock = createClock();
  readonly #random = new Random(16);
  readonly #booted = bootCloud({ clock: this.clock });
  readonly #networks: UnreliableNetwork[] = [];

  get system() {
    return this.#booted.then(({ system }) => system);
  }

  async open(storeId: string, file: string): Promise<StoreClient> {
    const { clock } = this;
    const system = await this.system;
    const network = new UnreliableNetwork({ clock, random: this.#random.fork(), heard: () => {} });
    this.#networks.push(network);
    const client = createStoreClient({
      url: system.storeEndpoint,
      token: await system.mintToken({ role: 'store', storeId, region: 'north', groups: [] }),
      outbox: memoryOutbox(),
      storage: fileStorage(file),
      WebSocket: network.WebSocket,
      clock,
      random: this.#random.next,
    });
    onTestFinished(() => client.close());
    await vi.waitUntil(() => 'all' in client.positions, PATIENCE);
    return client;
  }

  async pass(minutes: number): Promise<void> {
    for (let step = 0; step < minutes * 6; step += 1) {
      this.clock.advance(MINUTE / 6);
      await vi.waitUntil(() => this.#networks.every(({ isQuiet }) => isQuiet), PATIENCE);
    }
  }

  /** Minutes until it is so. */
  async until(isSo: () => Promise<boolean>, atMost: number): Promise<number> {
    for (let minutes = 0; minutes <= atMost; minutes += 0.5) {
      if (await isSo()) return minutes;
      await this.pass(0.5);
    }
    throw new Error(`it is not so after ${atMost} minutes`);
  }

  async drift(query = ''): Promise<Record<string, unknown>[]> {
    const answer = await (await this.system).request('GET', `drift${query}`);
    return ((await answer.json()) as { items: Record<string, unknown>[] }).items;
  }
}

/** The price of one article becomes another one, as if a bit of the disk had turned. */
function damage(file: string, from: number, to: number): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(`"amount":${from}`);
  writeFileSync(file, text.replace(`"amount":${from}`, `"amount":${to}`));
}

test.each([
  ['among others like it', 4],
  ['alone in its place', 1],
])(
  'the damaged book of a store %s is found within ten minutes, and healed',
  {
    timeout: patience(120_000),
  },
  async (_name, count) => {
    const stores = new Stores();
    const system = await stores.system;
    const directory = temporaryDirectory();
    const files = Array.from({ length: count }, (_, index) => join(directory, `s${index}.json`));
    const clients = await Promise.all(files.map((file, index) => stores.open(`s${index}`, file)));
    for (const [sku, amount] of [
      ['MILK', 119],
      ['BREAD', 249],
    ])
      await system.publish('PriceChanged', { prices: [{ sku, amount, currency: 'EUR' }] });
    await vi.waitUntil(() => clients.every(client => client.price('BREAD') !== undefined), PATIENCE);
    await stores.pass(8);
    expect(await stores.drift()).toEqual([]);
    const [right] = await stores.drift('?store=s0');
    expect(right).toMatchObject({ storeId: 's0', book: right?.expected, since: null });
    // What an environment knows of the log by now it reads in another way.
    expect(await stores.drift('?store=s0')).toEqual([right]);

    await clients[0]?.close();
    damage(files[0] ?? '', 119, 199);
    const damaged = await stores.open('s0', files[0] ?? '');
    expect(damaged.price('MILK')?.amount).toBe(199);
    await stores.until(async () => (await stores.drift()).length > 0, 10);
    const [found] = await stores.drift();
    expect(found).toMatchObject({ storeId: 's0', expected: right?.expected });
    expect(found?.book).not.toBe(right?.expected);

    await stores.until(async () => damaged.price('MILK')?.amount === 119, 5);
    await stores.until(async () => (await stores.drift()).length === 0, 5);
  },
);
