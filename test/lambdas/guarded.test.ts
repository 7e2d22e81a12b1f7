/** Guards and approval: what does not go out by itself, over HTTP and by the bus, and who lets it. */

import type { APIGatewayProxyEventV2, EventBridgeEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Environment } from '../../domain/names.ts';
import type { Guards } from '../../domain/updates/guards.ts';
import { updateLogFromEnvironment } from '../../lambdas/updates/update-log.ts';
import { enterEnvironment, startAws } from './aws.ts';
import { captureLog, contextWith, tokenOf } from './events.ts';
import { eventOf, price } from './fan-out/published.ts';
import { unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
const MINUTE = 60_000;

let broadcast: typeof import('../../lambdas/broadcast.ts').handler;
let management: typeof import('../../lambdas/management.ts').handler;

/** The functions of a deployment with these settings. */
async function deploy(guards: Guards, approval = 'none'): Promise<void> {
  process.env[Environment.guards] = JSON.stringify(guards);
  process.env[Environment.approval] = approval;
  vi.resetModules();
  broadcast = (await import('../../lambdas/broadcast.ts')).handler;
  management = (await import('../../lambdas/management.ts')).handler;
}

beforeEach(() => aws.reset());
afterEach(() => {
  delete process.env[Environment.guards];
  delete process.env[Environment.approval];
});

const publishedAs = async (id: string) => (await updateLogFromEnvironment().find(id))?.update;
const run = (event: EventBridgeEvent<string, unknown>) => broadcast(event, contextWith(MINUTE));

async function call(
  who: string,
  method: string,
  path: string,
  body?: object,
  role: 'publisher' | 'manager' = 'publisher',
) {
  const [rawPath = '', query] = path.split('?');
  const token = await tokenOf(aws, { role, name: who });
  const answer = await management({
    rawPath,
    headers: { authorization: `Bearer ${token}` },
    requestContext: { http: { method } },
    ...(query === undefined ? {} : { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as unknown as APIGatewayProxyEventV2);
  return { status: answer.statusCode, json: answer.body === undefined ? undefined : JSON.parse(answer.body) };
}

const publish = (who: string, detail: object, type = 'PriceChanged') =>
  call(who, 'POST', '/updates', { type, detail });

/** What the bus was given goes to the broadcast. */
async function deliver(): Promise<void> {
  for (const { DetailType = '', Detail = '' } of aws.events.splice(0))
    await run(eventOf(DetailType, JSON.parse(Detail)));
}

const at = (sku: string, amount: number) => ({ prices: [{ ...price, sku, amount }] });
const refusals = () =>
  aws.messages.map(({ code, body }) => `${code}: ${(body as { reason: string }).reason}`);

describe('an event of the bus', () => {
  it('that breaks guards reaches nobody, and its dead letter names each rule and figure', async () => {
    await deploy({ largestChangePercent: 50, smallestAmount: 10, largestAmount: 100_000 });
    const sku = unique('sku');
    await run(eventOf('PriceChanged', at(sku, 199)));
    expect(aws.messages).toEqual([]);
    const slipped = unique('slipped');
    await run(eventOf('PriceChanged', { ...at(sku, 1), updateId: slipped }));
    expect(refusals()).toEqual([
      `Guarded: smallestAmount: ${sku}/EUR/regular at 1 is less than 10; ` +
        `largestChangePercent: ${sku}/EUR/regular from 199 to 1 is 99.5 %, more than 50 %`,
    ]);
    expect(await publishedAs(slipped)).toBeUndefined();
    await run(eventOf('PriceChanged', at(unique('new'), 100_001)));
    expect(refusals()[1]).toMatch(/^Guarded: largestAmount: .* at 100001 is more than 100000$/);
  });

  it.each([
    ['rises by just so much', 300, true],
    ['rises by more', 301, false],
    ['falls by just so much', 100, true],
    ['falls by more', 99, false],
  ])('%s', async (_title, amount, isPublished) => {
    await deploy({ largestChangePercent: 50 });
    const sku = unique('sku');
    await run(eventOf('PriceChanged', at(sku, 200)));
    const id = unique('u');
    await run(eventOf('PriceChanged', { ...at(sku, amount), updateId: id }));
    expect((await publishedAs(id)) !== undefined).toBe(isPublished);
  });

  it('is held against what is in force where it goes, and not against what is to come', async () => {
    await deploy({ largestChangePercent: 50 });
    const [sku, region] = [unique('sku'), unique('r')];
    const audience = { regions: [region] };
    await run(eventOf('PriceChanged', at(sku, 100)));
    await run(eventOf('PriceChanged', { ...at(sku, 150), audience }));
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await run(eventOf('PriceChanged', { ...at(sku, 200), audience, validFrom: tomorrow }));
    expect(refusals()).toEqual([]);
    await run(eventOf('PriceChanged', { ...at(sku, 230), audience }));
    expect(refusals()).toEqual([expect.stringContaining(`${sku}/EUR/regular from 150 to 230 is 53.3 %`)]);
  });

  it('is held against what a withdrawal has brought back', async () => {
    await deploy({ largestChangePercent: 50 });
    const [sku, wrong] = [unique('sku'), unique('u')];
    await run(eventOf('PriceChanged', at(sku, 100)));
    await run(eventOf('PriceChanged', { ...at(sku, 150), updateId: wrong }));
    await run(eventOf('PriceWithdrawn', { updates: [wrong] }));
    await run(eventOf('PriceChanged', at(sku, 200)));
    expect(refusals()).toEqual([expect.stringContaining(`${sku}/EUR/regular from 100 to 200 is 100 %`)]);
  });

  it('that is one too many in its hour is refused, and a repeated one is not counted again', async () => {
    await deploy({ updatesPerHour: 2 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2031-05-05T10:10:00Z') });
    const [first, second, third] = [unique('e'), unique('e'), unique('e')].map(id =>
      eventOf('PriceChanged', at('A', 1), id),
    );
    for (const event of [first, first, second, first]) if (event) await run(event);
    expect(refusals()).toEqual([]);
    if (third) await run(third);
    expect(refusals()).toEqual(['Guarded: updatesPerHour: it is number 3 of this hour, more than 2']);
    vi.setSystemTime(Date.parse('2031-05-05T11:00:00Z'));
    if (third) await run({ ...third, id: unique('e') });
    expect(refusals()).toHaveLength(1);
    vi.useRealTimers();
  });

  it('is let through for its content alone', async () => {
    await deploy({ smallestAmount: 10 });
    const updateId = unique('u');
    await run(eventOf('PriceChanged', { ...at('A', 20), updateId }));
    await run(eventOf('PriceChanged', { ...at('A', 1), updateId }));
    expect(refusals()).toEqual([expect.stringMatching(/^Guarded: smallestAmount/)]);
  });

  it('waits for nobody: where all must be approved it is refused', async () => {
    await deploy({}, 'all');
    await run(eventOf('OfferWithdrawn', { offerId: 'o' }));
    expect(refusals()).toEqual(['Guarded: approval: every update waits for a second person']);
  });
});

describe('over HTTP, what breaks a guard', () => {
  it('is refused with its reasons where nobody could approve it, and its id stays free', async () => {
    await deploy({ smallestAmount: 10 });
    const updateId = unique('u');
    expect(await publish('ann', { ...at('A', 1), updateId })).toMatchObject({
      status: 422,
      json: { detail: 'smallestAmount: A/EUR/regular at 1 is less than 10' },
    });
    expect(await publish('ann', { ...at('A', 10), updateId })).toMatchObject({
      status: 202,
      json: { updateId },
    });
    await deliver();
    expect(refusals()).toEqual([]);
    expect(await publishedAs(updateId)).toBeDefined();
  });

  it('waits, is listed, and goes out once somebody else has approved it', async () => {
    await deploy({ smallestAmount: 10 }, 'guarded');
    const reasons = ['smallestAmount: A/EUR/regular at 1 is less than 10'];
    const updateId = unique('u');
    const asked = await publish('ann', { ...at('A', 1), updateId });
    expect(asked).toMatchObject({ status: 202, json: { updateId, state: 'waiting', reasons } });
    expect(aws.events).toEqual([]);
    const waiting = async () => (await call('bea', 'GET', '/updates?state=waiting')).json.items;
    expect(await waiting()).toContainEqual(
      expect.objectContaining({ updateId, state: 'waiting', author: 'ann', reasons, kind: 'price.changed' }),
    );
    expect((await call('bea', 'GET', `/updates/${updateId}`)).json).toMatchObject({
      state: 'waiting',
      positions: null,
      data: at('A', 1),
    });
    const approve = (who: string) => call(who, 'POST', `/updates/${updateId}/approval`);
    expect((await approve('ann')).status).toBe(403);
    expect((await call('ann', 'DELETE', `/updates/${updateId}/approval`)).status).toBe(403);
    expect((await call('max', 'POST', `/updates/${updateId}/approval`, undefined, 'manager')).status).toBe(
      403,
    );
    expect(await approve('bea')).toMatchObject({ status: 202, json: { updateId } });
    expect(await approve('cem')).toMatchObject({ status: 202, json: { updateId } });
    expect(await waiting()).not.toContainEqual(expect.objectContaining({ updateId }));
    expect(aws.events).toHaveLength(2);
    await deliver();
    expect(refusals()).toEqual([]);
    expect(await publishedAs(updateId)).toMatchObject({ data: at('A', 1) });
    expect((await call('bea', 'DELETE', `/updates/${updateId}/approval`)).status).toBe(409);
    // Whoever repeats the publication hears that it went out.
    expect((await publish('ann', { ...at('A', 1), updateId })).json).toEqual({ updateId });
  });

  it('never goes out once it is refused, nor by the bus, before or after', async () => {
    await deploy({ smallestAmount: 10 }, 'guarded');
    const updateId = unique('u');
    await publish('ann', { ...at('A', 1), updateId });
    await run(eventOf('PriceChanged', { ...at('A', 1), updateId }));
    expect(refusals()).toEqual([expect.stringMatching(/^Guarded: /)]);
    for (let time = 0; time < 2; time += 1)
      expect((await call('bea', 'DELETE', `/updates/${updateId}/approval`)).status).toBe(204);
    expect((await call('bea', 'POST', `/updates/${updateId}/approval`)).status).toBe(409);
    expect((await publish('ann', { ...at('A', 1), updateId })).status).toBe(409);
    await run(eventOf('PriceChanged', { ...at('A', 1), updateId }));
    expect(await publishedAs(updateId)).toBeUndefined();
    expect(aws.events).toEqual([]);
  });

  it('is published with the time of its approval, unless its publisher gave one', async () => {
    await deploy({}, 'all');
    const [own, given] = [unique('u'), unique('u')];
    const publishedAt = new Date(Date.now() - 3_600_000).toISOString();
    await publish('ann', { ...at('A', 1), updateId: own });
    await publish('ann', { ...at('A', 1), updateId: given, publishedAt });
    const approvedFrom = Date.now();
    for (const id of [own, given]) await call('bea', 'POST', `/updates/${id}/approval`);
    await deliver();
    expect(Date.parse((await publishedAs(own))?.publishedAt ?? '')).toBeGreaterThanOrEqual(approvedFrom);
    expect((await publishedAs(given))?.publishedAt).toBe(publishedAt);
  });

  it('lets through what breaks none, which the broadcast does not judge a second time', async () => {
    await deploy({ updatesPerHour: 1 }, 'guarded');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2032-05-05T10:10:00Z') });
    const updateId = unique('u');
    expect((await publish('ann', { ...at('A', 1), updateId })).json).toEqual({ updateId });
    await deliver();
    expect(refusals()).toEqual([]);
    expect((await publish('ann', at('A', 1))).json).toMatchObject({
      state: 'waiting',
      reasons: ['updatesPerHour: it is number 2 of this hour, more than 1'],
    });
    vi.useRealTimers();
  });

  it('is a withdrawal of prices, too, where all must be approved', async () => {
    await deploy({});
    const sku = unique('sku');
    const wrong = unique('u');
    await run(eventOf('PriceChanged', { ...at(sku, 150), updateId: wrong }));
    await deploy({}, 'all');
    const updateId = unique('u');
    expect((await publish('ann', { updates: [wrong], updateId }, 'PriceWithdrawn')).json).toMatchObject({
      state: 'waiting',
    });
    await call('bea', 'POST', `/updates/${updateId}/approval`);
    await deliver();
    expect(refusals()).toEqual([]);
    expect(await publishedAs(updateId)).toMatchObject({ kind: 'price.withdrawn' });
  });

  it('takes no state that updates do not wait in', async () => {
    await deploy({});
    expect((await call('ann', 'GET', '/updates?state=published')).status).toBe(400);
    expect((await call('ann', 'POST', '/updates/none/approval')).status).toBe(404);
  });
});

it('reads nothing more of an update where no guard is set', async () => {
  await deploy({});
  const operations: string[] = [];
  aws.faultOf = operation => {
    operations.push(operation);
    return undefined;
  };
  await run(eventOf('PriceChanged', at(unique('sku'), 1)));
  const unguarded = operations.length;
  await deploy({ largestAmount: 5 });
  operations.length = 0;
  await run(eventOf('PriceChanged', at(unique('sku'), 1)));
  // Whether it is admitted, and that it is.
  expect(operations.length - unguarded).toBe(2);
});
