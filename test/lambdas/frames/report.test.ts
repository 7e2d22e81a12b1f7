/** What a report costs the chain, and what of it counts. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { handler as connect } from '../../../lambdas/connect.ts';
import { handler as answerFrame } from '../../../lambdas/default.ts';
import { rosterFromEnvironment } from '../../../lambdas/registry/roster.ts';
import { salesBookFromEnvironment } from '../../../lambdas/sales/sales-book.ts';
import { logWriterFromEnvironment } from '../../../lambdas/updates/log-writer.ts';
import { ringUp } from '../../domain/till.ts';
import { enterEnvironment, startAws } from '../aws.ts';
import { captureLog, type TestLine, webSocketEvent } from '../events.ts';
import { priceUpdate, unique } from '../updates.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const FIVE_MINUTES_MS = 5 * MINUTE_MS;
const positions = { all: 1 };

const aws = await startAws();
enterEnvironment(aws);
const logged = captureLog();
const roster = rosterFromEnvironment();
const book = salesBookFromEnvironment();
const writer = logWriterFromEnvironment();
/** A time at which no hour is about to end; it stands still, so what an environment keeps for some seconds stays known. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS / 2 });
});
afterEach(() => {
  vi.useRealTimers();
  aws.reset();
});

interface StoreLine extends TestLine {
  storeId: string;
}

async function connectedStore(): Promise<StoreLine> {
  const storeId = unique('s');
  const identity = { role: 'store' as const, storeId, region: 'north', groups: ['city'] };
  const line = { storeId, identity, connectionId: unique('c='), connectedAt: Date.now() - 1_000 };
  await connect(webSocketEvent(line));
  return line;
}

async function report(line: StoreLine, frame: object = {}) {
  const body = JSON.stringify({ action: 'report', ...frame });
  const { body: answer } = await answerFrame(webSocketEvent(line, { body }));
  return answer === undefined ? undefined : JSON.parse(answer);
}

/** What DynamoDB is asked for while this is done. */
async function operationsOf(work: () => Promise<unknown>): Promise<string[]> {
  const asked: string[] = [];
  aws.faultOf = operation => {
    asked.push(operation);
    return undefined;
  };
  await work();
  aws.reset();
  return asked.sort();
}

const writesOf = async (work: () => Promise<unknown>) =>
  (await operationsOf(work)).filter(operation => /^(Put|Update|Delete|BatchWrite)/.test(operation));

it('reads two items and writes nothing where a store says nothing new', async () => {
  const line = await connectedStore();
  await report(line, { positions });
  logged.length = 0;
  expect(await operationsOf(() => report(line, { positions }))).toEqual(['GetItem', 'GetItem']);
  expect(logged).toEqual([]);
});

it('costs no more with the hash of the book: it is written beside new positions, and not again', async () => {
  const line = await connectedStore();
  const book = '0123456789abcdef';
  expect(await writesOf(() => report(line, { positions, book }))).toEqual(['UpdateItem']);
  expect(await operationsOf(() => report(line, { positions, book }))).toEqual(['GetItem', 'GetItem']);
  const moved = { positions: { all: 2 }, book: 'fedcba9876543210' };
  expect(await writesOf(() => report(line, moved))).toEqual(['UpdateItem']);
});

it('writes once where a store stands elsewhere, and after five minutes', async () => {
  const line = await connectedStore();
  await report(line, { positions });
  expect(await writesOf(() => report(line, { positions: { all: 2 } }))).toEqual(['UpdateItem']);
  vi.advanceTimersByTime(FIVE_MINUTES_MS - 1);
  expect(await writesOf(() => report(line, { positions: { all: 2 } }))).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(await writesOf(() => report(line, { positions: { all: 2 } }))).toEqual(['UpdateItem']);
  const known = await roster.find(line.storeId);
  expect(known).toMatchObject({ positions: { all: 2 }, lastSeenAt: Date.now() });
});

it('writes a minute that is over once, and nothing else', async () => {
  const line = await connectedStore();
  await report(line, { positions });
  const soldAt = new Date(Date.now() - 2 * MINUTE_MS).toISOString();
  const sales = ['S1', 'S2', 'S3'].map(saleId => ringUp(saleId, { soldAt }));
  expect(await writesOf(() => report(line, { positions, sales }))).toEqual(['PutItem']);
});

it('writes its receipts once, however many, and none that count nowhere', async () => {
  const line = await connectedStore();
  await report(line, { positions });
  const published = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const update = priceUpdate({ publishedAt: new Date(Date.now() - MINUTE_MS).toISOString() });
      await writer.begin(update, 'worker', Date.now());
      return update.id;
    }),
  );
  const receiptsOf = (ids: string[]) => ids.map(id => ({ id, appliedAt: new Date().toISOString() }));
  const updates = receiptsOf(published);
  expect(await writesOf(() => report(line, { positions, updates }))).toEqual(['PutItem']);
  expect(await writesOf(() => report(line, { positions, updates: receiptsOf([unique('u')]) }))).toEqual([]);
});

it('counts for nothing once its store is revoked, whatever the line was told before', async () => {
  const line = await connectedStore();
  await report(line, { positions });
  await roster.revoke(line.storeId, Date.now());
  const soldAt = new Date().toISOString();
  expect(await report(line, { positions, sales: [ringUp('S1', { soldAt })] })).toBeUndefined();
  expect(aws.closed).toContain(line.connectionId);
  // Nor when newer tokens hold again.
  await roster.restore(line.storeId);
  await report(line, { positions, sales: [ringUp('S1', { soldAt })] });
  for await (const found of book.salesOf(line.storeId, '2', '3')) expect(found).toEqual([]);
});
