/** Withdrawals of prices in the log and in the current state, where they meet others, and what comes too late. */
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../../domain/book/price-book.ts';
import { RefusedEventError } from '../../../domain/updates/published-events.ts';
import { type Positions, toFrame, type Update, type UpdateOf } from '../../../domain/updates/update.ts';
import { expectedBook } from '../../../lambdas/books/expected-book.ts';
import { CurrentState } from '../../../lambdas/updates/current-state.ts';
import { LogWriter } from '../../../lambdas/updates/log-writer.ts';
import { CatchUp, type Place } from '../../../lambdas/updates/missed-updates.ts';
import { StateWriter } from '../../../lambdas/updates/state-writer.ts';
import { UpdateLog } from '../../../lambdas/updates/update-log.ts';
import { pricesOf, UnfinishedUpdateError } from '../../../lambdas/updates/withdrawal/price-places.ts';
import {
  addressed,
  completed,
  type PriceWithdrawal,
} from '../../../lambdas/updates/withdrawal/price-withdrawal.ts';
import { startAws, TABLES } from '../aws.ts';
import { countingUnits } from '../counting-units.ts';
import {
  audience,
  DAY,
  HOUR,
  isoTime,
  NOW,
  priceUpdate,
  priceWithdrawal,
  record,
  unique,
} from '../updates.ts';

const aws = await startAws();
const log = new UpdateLog({ client: aws.dynamodb, table: TABLES.updates });
const writer = new LogWriter({ client: aws.dynamodb, table: TABLES.updates, retentionDays: 30 });
const current = new CurrentState({ client: aws.dynamodb, table: TABLES.current });
const state = new StateWriter({ client: aws.dynamodb, table: TABLES.current, log });
const sources = { log, current };

interface Appended {
  update: Update;
  positions: Positions;
}

/** What a broadcast does up to its posts. */
async function append(update: Update): Promise<Appended> {
  const now = Date.parse(update.publishedAt);
  const given = update.kind === 'price.withdrawn' ? await prepared(update, now) : update;
  return place(given, now);
}

async function prepared(update: PriceWithdrawal, now: number): Promise<PriceWithdrawal> {
  const whole = await addressed(update, log, now);
  await pricesOf(whole.data.updates, log);
  return whole;
}

async function place(update: Update, now: number): Promise<Appended> {
  const beginning = await writer.begin(update, 'worker', now);
  if (beginning.status !== 'begun') throw new Error(`update ${update.id} is ${beginning.status}`);
  return writer.append(beginning.work, now, async whole =>
    whole.kind === 'price.withdrawn' ? completed(whole, sources, now) : { update: whole },
  );
}

/** What it does after them. */
async function enter({ positions, update }: Appended): Promise<void> {
  await record(state, update, positions, Date.parse(update.publishedAt));
}

async function publish(update: Update): Promise<Appended> {
  const appended = await append(update);
  await enter(appended);
  return appended;
}

/** Of the SKU `A`, to one region. */
function price(region: string, days: number, changes: Parameters<typeof priceUpdate>[0] = {}) {
  const common = { publishedAt: isoTime(NOW + days * DAY), audience: audience({ regions: [region] }) };
  return priceUpdate({ ...common, ...changes });
}

function withdrawalOf(days: number, ...updates: Update[]): PriceWithdrawal {
  return priceWithdrawal(
    updates.map(({ id }) => id),
    { publishedAt: isoTime(NOW + days * DAY) },
  );
}

/** As DynamoDB deletes items that have expired. */
async function forgetExpired(now: number): Promise<void> {
  for (const TableName of [TABLES.updates, TABLES.current]) {
    const { Items = [] } = await aws.dynamodb.send(new ScanCommand({ TableName }));
    for (const { channel = { S: '' }, expiresAt, position, subject } of Items) {
      if (expiresAt === undefined || Number(expiresAt.N) * 1_000 > now) continue;
      const Key = {
        channel,
        ...(subject && { subject }),
        ...(subject === undefined && position && { position }),
      };
      await aws.dynamodb.send(new DeleteItemCommand({ TableName, Key }));
    }
  }
}

function restoredBy({ update }: Appended): string[] {
  return (update as PriceWithdrawal).data.restored.map(({ updateId }) => updateId);
}

/** The price that a new store has. */
async function priceOfNewStore(region: string, days: number): Promise<string | undefined> {
  const book = new PriceBook();
  for (const update of (await synced(region, days)).updates) book.apply(update);
  return book.price('A', NOW + days * DAY)?.updateId;
}

async function synced(region: string, days: number, from = sources, more: readonly string[] = []) {
  let at: Place | undefined = { positions: {} };
  const updates = [];
  while (at !== undefined) {
    const page = await new CatchUp(from).page([...more, `region/${region}`], at, NOW + days * DAY);
    updates.push(...page.updates);
    const { cursor } = page as { cursor?: string };
    at = cursor === undefined ? (page.more ? { positions: page.positions ?? {} } : undefined) : { cursor };
  }
  return { updates, bytes: Buffer.byteLength(JSON.stringify(updates)) };
}

describe('a withdrawal', () => {
  // The price lay hidden for a month from what had replaced it first, and went though a later one hid it by then.
  it('brings back a price that two had replaced, also a month after the first of them is withdrawn', async () => {
    const region = unique('r');
    const [good, first, second] = [price(region, 0), price(region, 1), price(region, 25)];
    for (const update of [good, first, second]) await publish(update);
    await publish(withdrawalOf(29, first));
    expect(restoredBy(await publish(withdrawalOf(50, second)))).toEqual([good.id]);
    expect(await priceOfNewStore(region, 50)).toBe(good.id);
    expect(await priceOfNewStore(region, 100)).toBe(good.id);
  });

  it('and another one that is made at the same time leave in force what both had hidden', async () => {
    const region = unique('r');
    const [good, first, second] = [price(region, 0), price(region, 1), price(region, 2)];
    for (const update of [good, first, second]) await publish(update);
    const at = (update: Update) => Date.parse(update.publishedAt);
    const [one, other] = [withdrawalOf(3, first), withdrawalOf(3, second)];
    const both = await Promise.all([one, other].map(update => prepared(update, at(update))));
    const appended = await Promise.all(both.map(update => place(update, at(update))));
    expect(appended.flatMap(restoredBy)).toContain(good.id);
    await Promise.all(appended.map(enter));
    expect(await priceOfNewStore(region, 100)).toBe(good.id);
  });

  it('brings back what lies behind an update that is still on its way into other channels', async () => {
    const region = unique('r');
    const elsewhere = price(region, 0, { audience: audience({ regions: [region], groups: [unique('g')] }) });
    const dying = await writer.begin(elsewhere, 'dying', NOW);
    if (dying.status !== 'begun') throw new Error('it is not begun');
    const half = { ...dying.work, newestBefore: { [`region/${region}`]: 0 } };
    await expect(writer.append(half, NOW, () => Promise.reject(new Error('it dies')))).rejects.toThrow(
      'it dies',
    );
    const [good, wrong] = [await append(price(region, 1)), await append(price(region, 2))];
    expect(restoredBy(await append(withdrawalOf(3, wrong.update)))).toEqual([good.update.id]);
  });

  it('holds in the state though the prices that it takes back are written after it', async () => {
    const region = unique('r');
    const good = (await publish(price(region, 0))).update;
    const wrong = await append(price(region, 1));
    await publish(withdrawalOf(2, wrong.update));
    await enter(wrong);
    expect(await priceOfNewStore(region, 100)).toBe(good.id);
  });

  // The expected book had what a withdrawal brings back to the stores of another region, and right stores were told to sync.
  it('leaves a store with the book that the chain expects of it', async () => {
    const [north, south] = [unique('r'), unique('r')];
    const [own] = [await publish(price(north, 0)), await publish(price(south, 1))];
    const both = price(north, 2, { audience: audience({ regions: [north, south] }) });
    await publish(both);
    await publish(withdrawalOf(3, both));
    const store = { storeId: unique('s'), region: north, groups: [] };
    const { hash } = await expectedBook(store, new CatchUp(sources), NOW + 4 * DAY);
    const book = new PriceBook();
    book.apply(toFrame(own.update, own.positions));
    expect(hash).toBe(book.hash(NOW + 4 * DAY));
  });

  // An update was known for twice the log's retention from its publication on, though its price may take effect later.
  it('takes back a price that was published long before it takes effect, whatever has expired by then', async () => {
    const region = unique('r');
    const good = await publish(price(region, 0));
    const wrong = await publish(price(region, 1, { validFrom: isoTime(NOW + 80 * DAY) }));
    await forgetExpired(NOW + 100 * DAY);
    expect(restoredBy(await publish(withdrawalOf(100, wrong.update)))).toEqual([good.update.id]);
  });

  // The newest entry of a quiet channel stays in the log for good, and a new store took it from there, long after its withdrawal,
  // which had gone by another channel, had left the log.
  it('holds for a new store though the price was the last in its channel', async () => {
    const [region, group] = [unique('r'), unique('g')];
    const good = await publish(price(region, 0));
    const everywhere = await publish(price(region, 1, { audience: undefined, data: { prices: [] } }));
    const wrong = await publish(price(region, 1, { audience: audience({ groups: [group] }) }));
    await publish(withdrawalOf(2, everywhere.update, wrong.update));
    await publish(price(region, 50, { audience: undefined, data: { prices: [] } }));
    await forgetExpired(NOW + 50 * DAY);
    const book = new PriceBook();
    for (const update of (await synced(region, 50, sources, ['all', `group/${group}`])).updates)
      book.apply(update);
    expect(book.price('A', NOW + 50 * DAY)?.updateId).toBe(good.update.id);
  });

  it('is judged once: its retry, a month later, finds it as it was begun', async () => {
    const region = unique('r');
    const wrong = (await publish(price(region, 0))).update;
    const late = { ...withdrawalOf(29, wrong), id: unique('w') };
    await append(late);
    const now = NOW + 40 * DAY;
    expect((await addressed(late, log, now)).audience).toEqual(wrong.audience);
    await expect(addressed(withdrawalOf(40, wrong), log, now)).rejects.toThrow(RefusedEventError);
  });

  it('waits for a price that is still being published', async () => {
    const wrong = price(unique('r'), 0);
    await writer.begin(wrong, 'worker', NOW);
    await expect(append(withdrawalOf(0, wrong))).rejects.toThrow(UnfinishedUpdateError);
  });
});

describe('what is kept for withdrawals', () => {
  const ARTICLES = 120;

  /** A price list, as updates of 40 prices each. */
  async function publishList(region: string, days: number): Promise<UpdateOf<'price.changed'>[]> {
    const lists = Array.from({ length: ARTICLES / 40 }, (_, part) =>
      price(region, days, {
        data: {
          prices: Array.from({ length: 40 }, (_, index) => ({
            sku: `4006381${String(part * 40 + index).padStart(6, '0')}`,
            amount: 199,
            currency: 'EUR',
          })),
        },
      }),
    );
    for (const list of lists) await publish(list);
    return lists;
  }

  it("adds nothing to a new store's sync, nor to what is read for it", async () => {
    const [quiet, busy] = [unique('r'), unique('r')];
    for (const days of [0, 5, 10, 15, 20]) await publishList(busy, days);
    await publishList(quiet, 20);
    const cost = async (region: string) => {
      const { client, units } = countingUnits(aws.endpoint);
      const own = new UpdateLog({ client, table: TABLES.updates });
      const { bytes } = await synced(region, 100, {
        log: own,
        current: new CurrentState({ client, table: TABLES.current }),
      });
      client.destroy();
      return { bytes, units: units() };
    };
    const [least, most] = [await cost(quiet), await cost(busy)];
    expect(most.bytes).toBeLessThan(least.bytes * 1.05);
    expect(most.units).toBeLessThan((least.units * 4) / 3);
  });

  it("adds less than a third to a till's memory, where a fifth of the articles have prices of their region or store, too", () => {
    const book = new PriceBook();
    const till = (days: number, from: number, to: number, channel: string) => {
      const prices = Array.from({ length: to - from }, (_, index) => ({
        sku: `4006381${String(from + index).padStart(6, '0')}`,
        amount: 199,
        currency: 'EUR',
      }));
      const update = priceUpdate({ publishedAt: isoTime(NOW + days * DAY), data: { prices } });
      book.apply(toFrame(update, { [channel]: days + 1 }));
      book.prune(NOW + days * DAY + HOUR);
    };
    for (const days of [0, 5, 10, 15, 20]) {
      // The whole list once, then what changes.
      till(days, days === 0 ? 0 : 850, 1_000, 'all');
      till(days + 1, 0, 150, 'region/N');
      till(days + 2, 150, 200, 'store/S');
    }
    const size = (some: object) => Buffer.byteLength(JSON.stringify(some));
    const inForce = book.skus().flatMap(sku => book.prices(sku, NOW + 50 * DAY));
    expect(inForce).toHaveLength(1_000);
    expect(size(book.snapshot())).toBeLessThan((size({ prices: inForce, offers: [] }) * 4) / 3);
  });
});
