/** The list of the roster: a page of it costs what it shows, and it has every store. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it } from 'vitest';
import { DriftFinder } from '../../../lambdas/books/drift-finder.ts';
import { Roster } from '../../../lambdas/registry/roster.ts';
import { startAws, TABLES } from '../aws.ts';
import { countingUnits } from '../counting-units.ts';
import { NOW, unique } from '../updates.ts';

const aws = await startAws();
afterEach(() => aws.reset());
const roster = new Roster({ client: aws.dynamodb, table: TABLES.stores });

async function join(count: number, groups = ['city']): Promise<string[]> {
  const ids = Array.from({ length: count }, () => unique('s'));
  for (const storeId of ids) await roster.heard({ storeId, region: 'north', groups, signedAt: NOW }, NOW);
  return ids;
}

/** All ids, page by page. */
async function listed(limit: number, { list }: Roster = roster): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const ids = await list.idsAfter(all.at(-1), limit);
    all.push(...ids.slice(0, limit));
    if (ids.length <= limit) return all;
  }
}

it('has each store once, in the order of the ids, and costs as much of a large fleet as of a small one', async () => {
  const { client, units } = countingUnits(aws.endpoint);
  const counted = new Roster({ client, table: TABLES.stores });
  const costOfPage = async () => {
    const before = units();
    await counted.list.idsAfter(undefined, 1);
    return units() - before;
  };
  // A unit is of four kilobytes.
  const groups = Array.from({ length: 12 }, (_, group) => String(group).padStart(60, 'g'));
  const few = await join(20, groups);
  const small = await costOfPage();
  const many = await join(100, groups);
  expect(await costOfPage()).toBe(small);
  expect(await listed(17)).toEqual([...few, ...many].sort());
  await roster.revoke(unique('never-seen'), NOW);
  const [gone = ''] = few;
  await roster.retire(gone);
  expect(await listed(1_000)).toEqual([...few.slice(1), ...many].sort());
});

it('gets the stores of an earlier version within a run of the drift finder', async () => {
  const [known = ''] = await join(1);
  const older = unique('older');
  const item = { storeId: { S: older }, firstSeenAt: { N: '1' }, groups: { L: [] } };
  await aws.dynamodb.send(new PutItemCommand({ TableName: TABLES.stores, Item: item }));
  expect(await listed(1_000)).not.toContain(older);
  const page = () => Promise.reject(new Error('no book is built'));
  await new DriftFinder({ roster, catchUp: { page } }).run(NOW);
  expect(await listed(1_000)).toEqual(expect.arrayContaining([known, older]));
});

it('is compared whole in as many runs as it has turns', async () => {
  const holders = await join(20);
  const positions = { 'group/city': 1 };
  for (const storeId of holders)
    await roster.heard({ storeId, region: 'north', groups: ['city'], signedAt: NOW }, NOW, {
      positions,
      book: 'right',
    });
  const page = async () => ({ updates: [], positions: {}, recovered: true, hasMore: false }) as never;
  const finder = new DriftFinder({ roster, catchUp: { page }, turns: 4 });
  const compared: number[] = [];
  for (let run = 0; run < 4; run += 1) compared.push((await finder.run(NOW + run * 60_000)).compared);
  expect(compared.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(Math.max(...compared)).toBeLessThan(20);
});
