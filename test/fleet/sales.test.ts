/** Each sale counts once, to the cent and the gram, whatever happens to the lines, the frames and the cloud between till and total. */
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, fileOutbox, type StoreClient } from '../../client/node.ts';
import { minuteOf } from '../../domain/sales/sale.ts';
import { createClock } from '../../local/cloud-clock.ts';
import type { System } from '../contract/system.ts';
import { RetailTill, type RungSale } from '../domain/retail-till.ts';
import { temporaryDirectory } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { Random } from './random.ts';
import { killAndRestart, spawnCloud } from './spawned-cloud.ts';
import { UnreliableNetwork } from './unreliable-network.ts';

const STORES = 20;
/** What each till sells, in parts; before the first part is on its way the outbox holds more than a frame. */
const [BACKLOG, PART] = [60, 10];
const REGIONS = ['north', 'south', undefined];
const HOUR_MS = 3_600_000;
const SALE_EVERY_MS = 8_571;
const BAD = { lose: 0.05, double: 0.3, delay: 0.15 };
const PATIENCE = { timeout: patience(60_000), interval: 50 };

/** A till, which prints every sale that its client has taken. */
interface TillAtWork {
  storeId: string;
  region: string | undefined;
  client: StoreClient;
  network: UnreliableNetwork;
  printed: RungSale[];
}

test('the totals are what the tills printed, through kills, cut lines, doubled frames and a full outbox', {
  timeout: patience(150_000),
}, async () => {
  const random = new Random(20);
  const now = Date.now();
  const rung = new RetailTill(random);
  const next = (at: number) => rung.ring(at);
  const [dataDirectory, storesDirectory] = [temporaryDirectory(), temporaryDirectory()];
  let cloud = await spawnCloud(dataDirectory);
  const tills = await Promise.all(
    Array.from({ length: STORES }, (_, index) =>
      openTill(index, () => cloud.system, storesDirectory, random),
    ),
  );
  const sellAll = (each: number, from: () => number) =>
    Promise.all(tills.map(till => sell(till, each, next, from())));
  const unsent = () => tills.reduce((sum, { client }) => sum + client.unsent, 0);
  await sellAll(BACKLOG, () => now - random.between(1 * HOUR_MS, 20 * HOUR_MS));
  for (const { network } of tills) network.weather = BAD;
  for (let kill = 0; kill < 2; kill += 1) {
    await sellAll(PART, Date.now);
    for (const till of tills) if (random.chance(0.4)) till.network.cut();
    await sellAll(PART, Date.now);
    // In the middle of it: some are through, some on their way.
    const before = unsent();
    await vi.waitUntil(() => unsent() < before * 0.7, PATIENCE);
    cloud = await killAndRestart(cloud, dataDirectory);
  }
  await vi.waitUntil(() => unsent() === 0, PATIENCE);
  await Promise.all(tills.map(till => sellAtSecondTill(till, next)));
  await vi.waitUntil(() => unsent() === 0, PATIENCE);

  const range = {
    from: new Date(now - 21 * HOUR_MS).toISOString(),
    to: new Date(now + HOUR_MS).toISOString(),
  };
  for (const by of ['store', 'region', 'sku', 'minute'] as const)
    expect(await totals(cloud.system, by, range), by).toEqual(printed(tills, by));
  for (const { client } of tills) expect(client.refused).toEqual([]);
});

async function openTill(
  index: number,
  system: () => System,
  directory: string,
  random: Random,
): Promise<TillAtWork> {
  const storeId = `till-${index}`;
  const region = REGIONS[index % REGIONS.length];
  const network = new UnreliableNetwork({ clock: createClock(), random: random.fork() });
  const client = createStoreClient({
    url: () => system().storeEndpoint,
    token: await system().mintToken({ role: 'store', storeId, region, groups: [] }),
    outbox: fileOutbox(join(directory, storeId)),
    WebSocket: network.WebSocket,
    backoff: { baseMs: 50, capMs: 500 },
    answerTimeoutMs: 3_000,
    salesBatchMs: 100,
    salesPerSecond: 1_000,
  });
  onTestFinished(() => client.close());
  return { storeId, region, client, network, printed: [] };
}

/** @param from when the first sale is made: the others follow as a till's do */
async function sell(
  { client, printed }: TillAtWork,
  count: number,
  next: (at: number) => RungSale,
  from: number,
): Promise<void> {
  for (let rung = 0; rung < count; rung += 1) {
    const sold = next(from + rung * SALE_EVERY_MS);
    await client.send(sold.sale);
    printed.push(sold);
  }
}

/** A second till of the store counts as the first one does: each of its sales has the id and the minute of another. */
async function sellAtSecondTill(
  { client, printed }: TillAtWork,
  next: (at: number) => RungSale,
): Promise<void> {
  for (const {
    sale: { saleId, soldAt },
  } of printed.slice(0, PART)) {
    const { sale, sold } = next(Date.parse(soldAt));
    const second = { ...sale, saleId, till: 'second' };
    await client.send(second);
    printed.push({ sale: second, sold });
  }
}

type By = 'store' | 'region' | 'sku' | 'minute';
interface Total {
  [by: string]: unknown;
  count: number;
  amount: number;
  currency: string;
}

/** What the tills printed, summed up by hand: in thousandths of a sale or a unit, and in minor units. */
function printed(tills: readonly TillAtWork[], by: By): Total[] {
  const sums = new Map<string, Total>();
  const add = (
    of: { [by: string]: unknown; currency: string },
    thousandths: number,
    amount: number,
  ): void => {
    const name = JSON.stringify(of);
    const sum = sums.get(name) ?? { ...of, count: 0, amount: 0 };
    sums.set(name, { ...sum, count: sum.count + thousandths, amount: sum.amount + amount });
  };
  for (const { storeId, region = null, printed: sales } of tills) {
    for (const { sale, sold } of sales) {
      const { currency, soldAt, total } = sale;
      if (by !== 'sku')
        add({ [by]: { store: storeId, region, minute: minuteOf(soldAt) }[by], currency }, 1_000, total);
      else
        for (const { sku, unit, thousandths, amount } of sold)
          add({ sku, unit, currency }, thousandths, amount);
    }
  }
  return [...sums.values()]
    .map(sum => ({ ...sum, count: sum.count / 1_000 }))
    .sort((a, b) => compare(key(a, by), key(b, by)));
}

async function totals(system: System, by: By, range: { from: string; to: string }): Promise<Total[]> {
  const items: Total[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      by,
      ...range,
      limit: '1000',
      ...(cursor === undefined ? {} : { cursor }),
    });
    const response = await system.request('GET', `sales/totals?${query}`);
    const page = (await response.json()) as { items: Total[]; cursor?: string };
    expect(response.status, JSON.stringify(page)).toBe(200);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items.sort((a, b) => compare(key(a, by), key(b, by)));
}

const key = (total: Total, by: By) => `${total[by]} ${total.unit ?? ''} ${total.currency}`;
const compare = (a: string, b: string) => (a < b ? -1 : 1);
