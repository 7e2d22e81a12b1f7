/** A withdrawal that brings back more than a frame holds: as many updates as it takes, in any order, whoever dies between them. */
import type { EventBridgeEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PriceBook } from '../../domain/book/price-book.ts';
import { checkSize, type UpdateFrame, UpdateTooLargeError } from '../../domain/updates/update.ts';
import { handler as broadcast } from '../../lambdas/broadcast.ts';
import { connectionsFromEnvironment } from '../../lambdas/registry/connections.ts';
import { currentStateFromEnvironment } from '../../lambdas/updates/current-state.ts';
import { CatchUp } from '../../lambdas/updates/missed-updates.ts';
import { publishedListFromEnvironment } from '../../lambdas/updates/published-list.ts';
import { updateLogFromEnvironment } from '../../lambdas/updates/update-log.ts';
import { addressed } from '../../lambdas/updates/withdrawal/price-withdrawal.ts';
import {
  type PriceWithdrawal,
  placeOf,
  type Restored,
  WithdrawalFrame,
} from '../../lambdas/updates/withdrawal/withdrawal-frame.ts';
import { patience } from '../patience.ts';
import { enterEnvironment, startAws } from './aws.ts';
import { captureLog, contextWith } from './events.ts';
import { eventOf, fleetOf } from './fan-out/published.ts';
import { audience, DAY, isoTime, priceUpdate, priceWithdrawal, unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws, 2);
captureLog();
const connections = connectionsFromEnvironment();
const log = updateLogFromEnvironment();
const current = currentStateFromEnvironment();
afterEach(() => {
  aws.reset();
  vi.useRealTimers();
});

const MINUTE = 60_000;
const ARTICLES = 120;
const NAME = 'A name as long as names may be '.repeat(6).trim();
const skuOf = (index: number) => `A${String(index).padStart(4, '0')}`;
const skus = Array.from({ length: ARTICLES }, (_, index) => skuOf(index));

const run = (event: object, remainingMs = MINUTE, requestId?: string) =>
  broadcast(event as EventBridgeEvent<string, unknown>, contextWith(remainingMs, requestId));

/** Each article once, with a name that its price of before has. */
function prices(amount: number, ofSkus: readonly string[], name?: string) {
  return ofSkus.map(sku => ({ sku, amount, currency: 'EUR', ...(name === undefined ? {} : { name }) }));
}

/** Prices of before, each in its own update, and a wrong one for all of them. */
async function wronglyPriced() {
  const { to, region } = await fleetOf(connections, 1);
  for (let from = 0; from < ARTICLES; from += 12)
    await run(eventOf('PriceChanged', { ...to, prices: prices(100, skus.slice(from, from + 12), NAME) }));
  const wrong = eventOf('PriceChanged', { ...to, prices: prices(1, skus) });
  await run(wrong);
  const before = posted();
  aws.reset();
  const withdrawal = eventOf('PriceWithdrawn', { updates: [wrong.id], updateId: unique('back') });
  const { updateId } = withdrawal.detail as { updateId: string };
  return { before, region, withdrawal, updateId, wrong: wrong.id };
}

function posted(): UpdateFrame[] {
  return aws.posts.map(({ frame }) => frame as unknown as UpdateFrame);
}

function bookOf(frames: readonly UpdateFrame[]): PriceBook {
  const book = new PriceBook();
  for (const frame of frames) {
    book.apply(frame);
    book.prune(Date.now());
  }
  return book;
}

function amounts(book: PriceBook): (number | undefined)[] {
  return skus.map(sku => book.price(sku, Date.now())?.amount);
}

const right = skus.map(() => 100);

/** Ids of a withdrawal and its parts as the log has them. */
async function parts(updateId: string): Promise<string[]> {
  const found = await log.find(updateId);
  return found?.rest === undefined ? [updateId] : [updateId, ...(await parts(found.rest.id))];
}

async function syncedBook(region: string, now = Date.now()): Promise<PriceBook> {
  const catchUp = new CatchUp({ log, current });
  const frames: UpdateFrame[] = [];
  let page = await catchUp.page([`region/${region}`], { positions: {} }, now);
  for (;;) {
    frames.push(...page.updates);
    if ('cursor' in page && page.cursor !== undefined)
      page = await catchUp.page([`region/${region}`], { cursor: page.cursor }, now);
    else if (page.more)
      page = await catchUp.page([`region/${region}`], { positions: page.positions ?? {} }, now);
    else return bookOf(frames);
  }
}

describe('a withdrawal that brings back more than a frame holds', () => {
  it('goes out as updates that each leave a whole book, in any order, with any repeats', async () => {
    const { before, region, updateId, withdrawal, wrong } = await wronglyPriced();
    expect(await run(withdrawal)).toMatchObject({ sent: 1 });
    const frames = posted();
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.map(({ id }) => id)).toEqual(await parts(updateId));
    for (const frame of frames) {
      expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThanOrEqual(30_000);
      expect(frame.data.updates).toEqual([wrong]);
    }
    const book = bookOf(before);
    for (const frame of frames) {
      book.apply(frame);
      book.prune(Date.now());
      expect(amounts(book)).not.toContain(undefined);
    }
    expect(amounts(book)).toEqual(right);
    const last = frames.at(-1) as UpdateFrame;
    const mixed = bookOf([...before, last, ...[...frames].reverse(), last]);
    expect(mixed.hash(Date.now())).toBe(book.hash(Date.now()));
    // The wrong price comes after its withdrawal, too.
    const late = bookOf([...before.slice(0, -1), ...frames, ...before.slice(-1)]);
    expect(late.hash(Date.now())).toBe(book.hash(Date.now()));
    // A till that is restarted between the parts.
    const saved = new PriceBook(bookOf([...before, last]).snapshot());
    for (const frame of [...before.slice(-1), ...frames]) saved.apply(frame);
    expect(saved.hash(Date.now())).toBe(book.hash(Date.now()));
    expect((await syncedBook(region)).hash(Date.now())).toBe(book.hash(Date.now()));
    expect(amounts(await syncedBook(region, Date.now() + 40 * DAY))).toEqual(right);
    const { found } = await publishedListFromEnvironment().page(10);
    expect(found.map(({ update }) => update.id).filter(id => id.startsWith(updateId))).toEqual([updateId]);
    aws.reset();
    await run(withdrawal);
    expect(aws.posts, 'its repetition').toEqual([]);
  });

  // Catch-ups wait for it for five minutes. Then it was sent as it was, and brought nothing back, for good.
  it('leaves no store without prices that passes it while it is cut off for longer', async () => {
    const { before, region, withdrawal } = await wronglyPriced();
    let updates = 0;
    aws.faultOf = operation => {
      if (operation === 'UpdateItem') updates += 1;
      // The first claims its place in the log.
      return operation === 'UpdateItem' && updates > 1 ? 'refuse' : undefined;
    };
    await expect(run(withdrawal)).rejects.toThrow();
    aws.reset();
    const channel = `region/${region}`;
    const place = { positions: before.at(-1)?.positions ?? {} };
    const { positions: still } = await new CatchUp({ log, current }).page([channel], place, Date.now());
    expect(still).toEqual(place.positions);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE });
    const { positions = {}, updates: missed } = await new CatchUp({ log, current }).page(
      [channel],
      place,
      Date.now(),
    );
    expect(positions[channel]).toBe((place.positions[channel] ?? 0) + 1);
    const book = bookOf([...before, ...missed]);
    expect(amounts(book)).not.toContain(undefined);
    expect(await run(withdrawal)).toBeDefined();
    for (const frame of posted())
      if ((frame.positions[channel] ?? 0) > (positions[channel] ?? 0)) book.apply(frame);
    expect(amounts(book)).toEqual(right);
    expect(amounts(await syncedBook(region))).toEqual(right);
  });

  it('comes through a crash at any point', { timeout: patience(120_000) }, async () => {
    const { before, updateId, withdrawal } = await wronglyPriced();
    const requestId = unique('request');
    // Each attempt gets a few writes further than the one before.
    for (let writes = 5, attempts = 0; ; writes += 45, attempts += 1) {
      let left = writes;
      aws.faultOf = operation => {
        if (!/Put|Update|Delete/.test(operation)) return undefined;
        left -= 1;
        return left < 0 ? 'lose the answer' : undefined;
      };
      const done = await run(withdrawal, MINUTE, requestId).then(
        () => true,
        () => false,
      );
      if (done) {
        expect(attempts).toBeGreaterThan(2);
        break;
      }
    }
    const ids = await parts(updateId);
    expect(new Set(posted().map(({ id }) => id))).toEqual(new Set(ids));
    expect(amounts(bookOf([...before, ...posted()]))).toEqual(right);
    for (const id of ids) expect((await log.find(id))?.positions).toBeDefined();
  });

  it('is left to further invocations where the time of this one is over', async () => {
    const { before, updateId, withdrawal } = await wronglyPriced();
    await run(withdrawal, 30_000);
    expect(posted().map(({ id }) => id)).toEqual([updateId]);
    for (let rest = aws.invocations.shift(); rest !== undefined; rest = aws.invocations.shift())
      await run(rest as object);
    expect(posted().map(({ id }) => id)).toEqual(await parts(updateId));
    expect(amounts(bookOf([...before, ...posted()]))).toEqual(right);
  });
});

it('an article whose prices alone exceed a frame goes on in the next one, with every one of them', () => {
  const restored = Array.from({ length: 200 }, (_, index): Restored => {
    const update = priceUpdate({ id: `u${1000 + index}`, validFrom: isoTime(Date.now() + index * DAY) });
    return { channel: 'all', update, price: { sku: 'A', amount: index, currency: 'EUR', name: NAME } };
  });
  const frames: PriceWithdrawal[] = [];
  let left = restored;
  for (let isAll = false; !isAll; ) {
    const frame = new WithdrawalFrame(priceWithdrawal(['wrong']));
    isAll = frame.add('A', left);
    left = left.filter(one => placeOf(one) > (frame.end?.within ?? ''));
    frames.push(frame.withdrawal(false));
  }
  expect(frames.length).toBeGreaterThan(2);
  for (const frame of frames) expect(() => checkSize(frame)).not.toThrow();
  const brought = frames.flatMap(({ data }) => data.restored.map(({ updateId }) => updateId));
  expect(brought).toEqual(restored.map(({ update }) => update.id));
});

it('a withdrawal whose audience takes the whole frame is refused before it is begun', async () => {
  const stores = Array.from({ length: 350 }, (_, index) => `${'s'.repeat(60)}${index}`);
  const wrong = priceUpdate({ audience: audience({ stores }) });
  const published = {
    find: async (id: string) => (id === wrong.id ? { update: wrong, positions: {} } : undefined),
  };
  await expect(addressed(priceWithdrawal([wrong.id]), published, Date.now())).rejects.toThrow(
    UpdateTooLargeError,
  );
});
