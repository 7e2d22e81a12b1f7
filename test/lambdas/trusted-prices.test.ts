/** Head office asks what is in force, whose book differs, and how waves go; the functions behind it find that out. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DriftFinder } from '../../lambdas/books/drift-finder.ts';
import { handler as broadcast } from '../../lambdas/broadcast.ts';
import { handler as findDrift } from '../../lambdas/drift.ts';
import { handler as gather } from '../../lambdas/gather.ts';
import { handler as management } from '../../lambdas/management.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { handler as rollouts } from '../../lambdas/rollouts.ts';
import { handler as rollUp } from '../../lambdas/rollup.ts';
import { currentStateFromEnvironment } from '../../lambdas/updates/current-state.ts';
import { CatchUp } from '../../lambdas/updates/missed-updates.ts';
import { updateLogFromEnvironment } from '../../lambdas/updates/update-log.ts';
import { enterEnvironment, startAws } from './aws.ts';
import { captureLog, contextWith, tokenOf } from './events.ts';
import { eventOf, price } from './fan-out/published.ts';
import { unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws);
const lines = captureLog();
const MINUTE = 60_000;
beforeEach(() => aws.reset());
afterEach(() => aws.reset());

async function call(method: string, path: string) {
  const [rawPath = '', query] = path.split('?');
  const token = await tokenOf(aws, { role: 'publisher', name: 'ada' });
  const answer = await management({
    rawPath,
    headers: { authorization: `Bearer ${token}` },
    requestContext: { http: { method } },
    ...(query === undefined ? {} : { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
  } as unknown as APIGatewayProxyEventV2);
  return { status: answer.statusCode, json: answer.body === undefined ? undefined : JSON.parse(answer.body) };
}

const roster = rosterFromEnvironment();
const place = (storeId: string, region: string) => ({ storeId, region, groups: [] as string[] });

/** What the bus was given goes to the broadcast. */
async function publish(
  type: string,
  detail: { updateId?: string; [name: string]: unknown },
): Promise<string> {
  const updateId = detail.updateId ?? unique('u');
  await broadcast(eventOf(type, { ...detail, updateId }), contextWith(MINUTE));
  return updateId;
}

it('prices of a store are told by SKU and time, with the lowest of before, page by page', async () => {
  const [region, storeId] = [unique('r'), unique('s')];
  const skus = ['A', 'B', 'C'].map(name => unique(name));
  await roster.heard(place(storeId, region), Date.now());
  const audience = { regions: [region] };
  const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();
  const at = (sku: string | undefined, amount: number) => ({
    prices: [{ ...price, sku: sku ?? '', amount }],
  });
  for (const sku of skus) await publish('PriceChanged', { ...at(sku, 200), audience, publishedAt: ago(60) });
  const later = await publish('PriceChanged', { ...at(skus[0], 150), audience, publishedAt: ago(10) });

  const now = await call('GET', `/stores/${storeId}/prices?sku=${skus[0]}`);
  expect(now).toMatchObject({
    status: 200,
    json: {
      items: [{ sku: skus[0], amount: 150, updateId: later, channel: `region/${region}`, lowest30Days: 200 }],
    },
  });
  const before = await call('GET', `/stores/${storeId}/prices?sku=${skus[0]}&at=${ago(30)}`);
  expect(before.json.items).toMatchObject([{ amount: 200, until: expect.any(String) }]);
  const told: string[] = [];
  let cursor = '';
  do {
    const { json } = await call('GET', `/stores/${storeId}/prices?limit=2${cursor && `&cursor=${cursor}`}`);
    told.push(...json.items.map(({ sku }: { sku: string }) => sku));
    cursor = json.cursor ?? '';
  } while (cursor !== '');
  expect(told.sort()).toEqual([...skus].sort());
});

it.each([
  ['stores/none/prices', 404],
  ['stores/S/prices?at=yesterday', 400],
  ['stores/S/prices?at=2020-01-01T00:00:00Z', 400],
  ['stores/S/prices?sku=a%20b', 400],
  ['drift?store=none', 404],
  ['rollouts/none', 404],
])('%s is answered %i', async (path, status) => {
  await roster.heard(place('S', 'north'), Date.now());
  expect((await call('GET', `/${path}`)).status).toBe(status);
});

it('a store whose book is another one is suspected, confirmed after minutes, listed, and cleared', async () => {
  const [region, storeId] = [unique('r'), unique('s')];
  const now = Date.now();
  await publish('PriceChanged', { prices: [price], audience: { regions: [region] } });
  const channels = ['all', `region/${region}`, `store/${storeId}`];
  const positions = await updateLogFromEnvironment().newest(channels);
  const catchUp = new CatchUp({ log: updateLogFromEnvironment(), current: currentStateFromEnvironment() });
  const finder = new DriftFinder({ roster, catchUp });
  const tell = (book: string, at: number) => roster.heard(place(storeId, region), at, { positions, book });
  const found = async (at: number) => {
    // Others of this file take turns with it.
    const reports = [];
    for (let turn = 0; turn < 10; turn += 1) reports.push(await finder.run(at + turn * MINUTE));
    return reports.some(({ adrift }) => adrift.includes(storeId));
  };
  await tell('dead', now);
  expect((await finder.run(now)).compared).toBeGreaterThan(0);
  expect((await call('GET', '/drift')).json.items).toEqual([]);
  await tell('dead', now + 5 * MINUTE);
  expect(await found(now + 5 * MINUTE)).toBe(true);
  const [item] = (await call('GET', '/drift')).json.items;
  expect(item).toMatchObject({ storeId, book: 'dead' });
  const asked = await call('GET', `/drift?store=${storeId}`);
  expect(asked.json.items).toMatchObject([{ storeId, book: 'dead', expected: item.expected }]);
  expect((await tell('dead', now + 6 * MINUTE)).isAdrift).toBe(true);

  await tell(item.expected, now + 7 * MINUTE);
  expect(await found(now + 7 * MINUTE)).toBe(false);
  expect((await call('GET', '/drift')).json.items).toEqual([]);
});

it('the functions of the schedules run, and say what they did', async () => {
  const context = contextWith(5 * MINUTE);
  await roster.heard(place(unique('s'), unique('r')), Date.now(), { positions: { all: 0 }, book: 'b' });
  await Promise.all([findDrift(), gather({}, context), rollUp({}, context), rollouts({}, context)]);
  expect(JSON.stringify(lines)).toMatch(/rolled up/);
});

it('waves are told, paused, resumed and taken back over HTTP, and what can not be done is 409', async () => {
  const [region, storeId] = [unique('r'), unique('s')];
  await roster.heard(place(storeId, region), Date.now() - 60 * MINUTE);
  const rollout = { waves: [{ stores: 1 }, { percent: 100 }] };
  const id = await publish('PriceChanged', { prices: [price], audience: { regions: [region] }, rollout });
  await rollouts({}, contextWith(MINUTE));
  const { json } = await call('GET', `/rollouts/${id}`);
  expect(json).toMatchObject({
    rolloutId: id,
    state: 'running',
    waves: [{ number: 1, targeted: 1 }, { number: 2 }],
  });
  expect(
    (await call('GET', '/rollouts')).json.items.map(({ rolloutId }: { rolloutId: string }) => rolloutId),
  ).toContain(id);
  for (const [action, state] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['advance', 'running'],
    ['rollback', 'rollingBack'],
  ])
    expect(await call('POST', `/rollouts/${id}/${action}`)).toMatchObject({ status: 200, json: { state } });
  expect((await call('POST', `/rollouts/${id}/resume`)).status).toBe(409);
  await rollouts({}, contextWith(MINUTE));
  expect((await call('POST', '/rollouts/none/pause')).status).toBe(404);
});
