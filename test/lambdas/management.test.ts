/** The HTTP API's routes, answered from tables with DynamoDB's own conditions. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Identity } from '../../domain/identity/identity.ts';
import { mintToken } from '../../domain/identity/mint-token.ts';
import type { Update } from '../../domain/updates/update.ts';
import { kmsSigner } from '../../lambdas/identity/token-signer.ts';
import { TokenVerifier } from '../../lambdas/identity/token-verifier.ts';
import { publishUpdate } from '../../lambdas/management/updates/publish-route.ts';
import { handler } from '../../lambdas/management.ts';
import type { AdmittedBus } from '../../lambdas/publishing/admitted-bus.ts';
import { heldUpdatesFromEnvironment } from '../../lambdas/publishing/held-updates.ts';
import { guardFromEnvironment } from '../../lambdas/publishing/update-guard.ts';
import { inboxFromEnvironment, type UpdateReceipt } from '../../lambdas/receipts/receipt-inbox.ts';
import { connectionsFromEnvironment } from '../../lambdas/registry/connections.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { logWriterFromEnvironment } from '../../lambdas/updates/log-writer.ts';
import { publishedListFromEnvironment } from '../../lambdas/updates/published-list.ts';
import { stateWriterFromEnvironment } from '../../lambdas/updates/state-writer.ts';
import { updateIdsFromEnvironment } from '../../lambdas/updates/update-ids.ts';
import { updateLogFromEnvironment } from '../../lambdas/updates/update-log.ts';
import { ALLOWED_ORIGIN, BUS, enterEnvironment, KEY_ID, startAws } from './aws.ts';
import { captureLog, tokenOf } from './events.ts';
import { audience, DAY, HOUR, isoTime, offerUpdate, priceUpdate, record, unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws);
const logged = captureLog();
afterEach(() => aws.reset());
const connections = connectionsFromEnvironment();
const state = stateWriterFromEnvironment();
const inbox = inboxFromEnvironment();
const roster = rosterFromEnvironment();
const writer = logWriterFromEnvironment();
const list = publishedListFromEnvironment();

const MANAGER: Identity = { role: 'manager', name: 'ada' };
const PUBLISHER: Identity = { role: 'publisher', name: 'erp' };
const STORE: Identity = { role: 'store', storeId: 's1', region: undefined, groups: [] };

interface Request {
  as?: Identity | null;
  query?: Record<string, string>;
  body?: string | object;
  headers?: Record<string, string>;
  isBase64Encoded?: boolean;
}

async function request(
  method: string,
  rawPath: string,
  { as = MANAGER, query, body, headers, isBase64Encoded }: Request = {},
) {
  const authorization = as === null ? {} : { authorization: `Bearer ${await tokenOf(aws, as)}` };
  const answer = await handler({
    rawPath,
    headers: { ...authorization, ...headers },
    queryStringParameters: query,
    body: typeof body === 'object' ? JSON.stringify(body) : body,
    isBase64Encoded: isBase64Encoded ?? false,
    requestContext: { http: { method } },
  } as unknown as APIGatewayProxyEventV2);
  const json = answer.body === undefined ? undefined : JSON.parse(answer.body);
  return { status: answer.statusCode, headers: answer.headers, json };
}

/** A whole list, page by page. */
async function wholeList(path: string, limit: number, items: (json: never) => unknown[]): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: String(limit), ...(cursor === undefined ? {} : { cursor }) };
    const { json } = await request('GET', path, { query });
    expect(items(json as never).length).toBeLessThanOrEqual(limit);
    found.push(...items(json as never));
    cursor = json.cursor;
  } while (cursor !== undefined);
  return found;
}

/** As a broadcast enters it. */
async function publish(update: Update): Promise<Update> {
  const now = Date.parse(update.publishedAt);
  const beginning = await writer.begin(update, 'worker', now);
  if (beginning.status !== 'begun') throw new Error(`update ${update.id} is ${beginning.status}`);
  const { positions } = await writer.append(beginning.work, now);
  await list.enter(update, now);
  await record(state, update, positions, now);
  await beginning.work.lease.finish();
  return update;
}

const place = (storeId: string, region: string) => ({ storeId, region, groups: ['city', 'bakery'] });

async function online(storeId: string, region: string): Promise<string> {
  const connectionId = unique('c=');
  const identity: Identity = { role: 'store', ...place(storeId, region) };
  await connections.register({ identity, connectionId, connectedAt: Date.now() - 1_000 }, Date.now() - 1_000);
  return connectionId;
}

describe('a request that is refused', () => {
  it.each<[number, string, string, string, Request]>([
    [401, 'without a token', 'GET', '/stores', { as: null }],
    [401, 'with a broken token', 'GET', '/stores', { as: null, headers: { authorization: 'Bearer x.y.z' } }],
    [403, 'by a store', 'GET', '/stores', { as: STORE }],
    [403, 'by a manager that would publish', 'POST', '/updates', { as: MANAGER, body: {} }],
    [403, 'by a manager that would retire a store', 'DELETE', '/stores/s', { as: MANAGER }],
    [403, 'by a manager that would end a line', 'DELETE', '/stores/s/connection', { as: MANAGER }],
    [403, 'by a manager that would revoke', 'PUT', '/stores/s/revocation', { as: MANAGER }],
    [403, 'by a manager that would restore', 'DELETE', '/stores/s/revocation', { as: MANAGER }],
    [403, 'by a store that would publish', 'POST', '/updates', { as: STORE, body: {} }],
    [404, 'at no route', 'GET', '/nowhere', {}],
    [404, 'for no store', 'GET', '/stores/nobody', {}],
    [404, 'for a name longer than any', 'GET', `/stores/${'x'.repeat(3_000)}`, {}],
    [404, 'for no update', 'GET', '/updates/none', {}],
    [404, 'for the delivery of no update', 'GET', '/updates/none/delivery', {}],
    [404, 'for evidence of no update', 'GET', '/updates/none/evidence', {}],
    [405, 'by another method', 'PUT', '/stores', {}],
    [404, 'for a path that API Gateway could not decode', 'GET', '/stores/%zz', {}],
    ...['0', '-1', '1001', '1.5', 'all', ''].map((limit): [number, string, string, string, Request] => [
      400,
      `with limit '${limit}'`,
      'GET',
      '/stores',
      { query: { limit } },
    ]),
    [
      400,
      'with a cursor of another list',
      'GET',
      '/updates',
      { query: { cursor: Buffer.from('s1').toString('base64url') } },
    ],
  ])('is answered %i %s, as RFC 9457 words it', async (status, _title, method, path, options) => {
    const answer = await request(method, path, options);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.json).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    if (status === 401) expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer' });
  });

  it.each<[string, string, string, Identity]>([
    ['PUT', '/stores', 'GET, HEAD', MANAGER],
    ['HEAD', '/token', 'POST', MANAGER],
    ['POST', '/stores/s/revocation', 'GET, HEAD, PUT, DELETE', PUBLISHER],
  ])('is told by Allow what else %s could be at %s: %s', async (method, path, allow, as) => {
    const { status, headers, json } = await request(method, path, { as });
    expect({ status, allow: headers?.allow }).toEqual({ status: 405, allow });
    if (method !== 'HEAD') expect(json.detail).toContain(allow.replace(', HEAD', ''));
  });

  it.each<[string, string, string, Identity, string]>([
    ['GET', '/sales/totals', 'shop', MANAGER, 'from, to, by, store, region, live, limit, cursor'],
    ['GET', '/stores', 'limti', MANAGER, 'limit, cursor'],
    ['GET', '/updates/none', 'limit', MANAGER, 'none'],
    ['DELETE', '/stores/nobody', 'force', PUBLISHER, 'none'],
    ['POST', '/updates', 'dry', PUBLISHER, 'none'],
    ['POST', '/token', 'role', STORE, 'none'],
    ['GET', '/', 'token', MANAGER, 'none'],
  ])('for %s %s?%s names the parameter that it does not take', async (method, path, name, as, takes) => {
    const { status, json } = await request(method, path, { as, query: { [name]: 'secret' } });
    expect({ status, detail: json.detail }).toEqual({
      status: 400,
      detail: expect.stringMatching(new RegExp(`'${name}'.* ${takes}$`)),
    });
    expect(json.detail).not.toContain('secret');
  });

  it('by a fault says nothing of its cause, and leaves no token in the log', async () => {
    aws.faultOf = operation => (operation === 'Query' ? 'refuse' : undefined);
    const { status, json } = await request('GET', '/stores');
    expect({ status, detail: json.detail }).toEqual({
      status: 500,
      detail: 'the request failed; it can be sent again',
    });
    expect(logged.join('')).toContain('a request failed');
    expect(logged.join('')).not.toContain('Bearer ');
  });
});

describe('an answer', () => {
  it('is kept by nobody, and is taken for nothing but its type', async () => {
    const { headers } = await request('GET', '/stores');
    expect(headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it('to HEAD is that to GET without its body', async () => {
    const [head, get] = [await request('HEAD', '/stores'), await request('GET', '/stores')];
    expect(head).toEqual({ ...get, json: undefined });
    expect((await request('HEAD', '/stores', { as: null })).status).toBe(401);
  });

  it.each([MANAGER, PUBLISHER])('is given to a $role, who both read', async as => {
    for (const path of ['/stores', '/updates', '/sales/totals'])
      expect((await request('GET', path, { as })).status).toBe(200);
  });
});

describe('stores', () => {
  it('are described by roster, line and positions', async () => {
    const [storeId, region] = [unique('s'), unique('r')];
    const [seenAt, wentAt] = [Date.now() - HOUR, Date.now() - 60_000];
    for (const _ of [1, 2, 3]) await publish(priceUpdate({ audience: audience({ regions: [region] }) }));
    await publish(priceUpdate({ audience: audience({ stores: [storeId] }) }));
    await roster.heard(place(storeId, region), seenAt, { positions: { [`region/${region}`]: 2 } });
    await roster.wentOff(storeId, wentAt);
    const described = {
      storeId,
      region,
      groups: ['bakery', 'city'],
      connected: false,
      since: isoTime(wentAt),
      lastSeenAt: isoTime(seenAt),
      behind: 2,
    };
    expect((await request('GET', `/stores/${storeId}`)).json).toEqual(described);
    await online(storeId, region);
    const { json } = await request('GET', `/stores/${storeId}`);
    expect(json).toMatchObject({ connected: true, behind: 2 });
    expect(Date.parse(json.since)).toBeGreaterThan(wentAt);
  });

  it('that read the current state are behind by all that their channels hold', async () => {
    const storeId = unique('s');
    await publish(priceUpdate({ audience: audience({ stores: [storeId] }) }));
    await roster.heard(place(storeId, 'r'), Date.now(), { positions: { [`store/${storeId}`]: -7 } });
    expect((await request('GET', `/stores/${storeId}`)).json.behind).toBe(1);
  });

  it('are listed in order, each once, whatever the size of the pages', async () => {
    const ids = Array.from({ length: 7 }, () => unique('z'));
    for (const storeId of ids) await roster.heard(place(storeId, 'north'), Date.now());
    const all = await wholeList('/stores', 1_000, ({ items }: { items: unknown[] }) => items);
    expect(await wholeList('/stores', 3, ({ items }: { items: unknown[] }) => items)).toEqual(all);
    const listed = (all as { storeId: string }[]).map(({ storeId }) => storeId);
    expect(listed).toEqual([...listed].sort());
    expect(listed).toEqual(expect.arrayContaining(ids));
  });

  it('lose their line on demand, and stay on the roster', async () => {
    const storeId = unique('s');
    await roster.heard(place(storeId, 'north'), Date.now());
    const connectionId = await online(storeId, 'north');
    expect((await request('DELETE', `/stores/${storeId}/connection`, { as: PUBLISHER })).status).toBe(204);
    expect(aws.closed).toEqual([connectionId]);
    expect((await request('GET', `/stores/${storeId}`)).status).toBe(200);
  });

  it('that are not connected have no line to lose', async () => {
    const storeId = unique('s');
    await roster.heard(place(storeId, 'north'), Date.now());
    expect((await request('DELETE', `/stores/${storeId}/connection`, { as: PUBLISHER })).status).toBe(404);
  });

  it('that are retired go with their line', async () => {
    const storeId = unique('s');
    await roster.heard(place(storeId, 'north'), Date.now());
    const connectionId = await online(storeId, 'north');
    aws.statusOf = id => (id === connectionId ? 410 : 200);
    expect((await request('DELETE', `/stores/${storeId}`, { as: PUBLISHER })).status).toBe(204);
    expect((await request('GET', `/stores/${storeId}`)).status).toBe(404);
  });
});

describe('publishing', () => {
  const body = { type: 'PriceChanged', detail: { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] } };
  const publishAs = (options: Request) => request('POST', '/updates', { as: PUBLISHER, body, ...options });

  it('puts one event on the bus, under the id that it answers', async () => {
    const { status, json } = await publishAs({});
    expect(status).toBe(202);
    expect(json.updateId).toMatch(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
    const [{ Detail = '', ...event } = {}, ...others] = aws.events;
    expect(event).toEqual({ EventBusName: BUS, Source: 'storecast', DetailType: 'PriceChanged' });
    expect(JSON.parse(Detail)).toMatchObject({ ...body.detail, updateId: json.updateId });
    expect(others).toEqual([]);
  });

  // Two publications one after the other were reversed where EventBridge's time, which is to the second, decided.
  it('stamps it with the very millisecond, unless the publisher has', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-01T08:00:00.123Z') });
    onTestFinished(() => void vi.useRealTimers());
    await publishAs({});
    const own = { ...body.detail, publishedAt: '2026-11-30T08:00:00.000Z' };
    await publishAs({ body: { ...body, detail: own } });
    const stamps = aws.events.map(({ Detail = '' }) => JSON.parse(Detail).publishedAt);
    expect(stamps).toEqual(['2026-12-01T08:00:00.123Z', '2026-11-30T08:00:00.000Z']);
  });

  it('takes the detail’s own updateId, and a body that the gateway has encoded', async () => {
    const text = JSON.stringify({ ...body, detail: { ...body.detail, updateId: 'mine' } });
    const encoded = { body: Buffer.from(text).toString('base64'), isBase64Encoded: true };
    expect((await publishAs(encoded)).json).toEqual({ updateId: 'mine' });
  });

  it('gives a repeated Idempotency-Key the same update, and others or other callers another', async () => {
    const keyed = (key: string, as = PUBLISHER) => publishAs({ as, headers: { 'idempotency-key': key } });
    const ids = [];
    for (const answer of [
      keyed('k1'),
      keyed('k1'),
      keyed('k2'),
      keyed('k1', { role: 'publisher', name: 'pos' }),
    ])
      ids.push((await answer).json.updateId);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  const other = { type: 'OfferWithdrawn', detail: { offerId: 'O' } };
  const named = (id: string, given = body as { type: string; detail: object }) => ({
    ...given,
    detail: { ...given.detail, updateId: id },
  });

  it.each<[string, (id: string) => Request, (id: string) => Request]>([
    ['an updateId', id => ({ body: named(id) }), id => ({ body: named(id, other) })],
    [
      'an Idempotency-Key',
      id => ({ headers: { 'idempotency-key': id } }),
      id => ({ headers: { 'idempotency-key': id }, body: other }),
    ],
    [
      'an Idempotency-Key whose bodies name their updates',
      id => ({ headers: { 'idempotency-key': id }, body: named(id) }),
      id => ({ headers: { 'idempotency-key': id }, body: named(unique('u')) }),
    ],
  ])(
    'refuses %s that was used for something else, and takes the same again',
    async (_title, first, second) => {
      const id = unique('u');
      const taken = await publishAs(first(id));
      expect(taken.status).toBe(202);
      const refused = await publishAs(second(id));
      expect(refused).toMatchObject({ status: 409, json: { detail: expect.stringMatching(/was used for/) } });
      expect(await publishAs(first(id))).toMatchObject({ status: 202, json: taken.json });
      expect(aws.events).toHaveLength(2);
    },
  );

  // Whoever guessed a manager's key, by a name of another issuer, once took its update.
  it('keeps apart the keys of callers whose tokens are of different issuers', async () => {
    const caller = { identity: PUBLISHER, idempotencyKey: 'k', now: Date.now(), body: JSON.stringify(body) };
    const admitted = { put: async () => {} } as unknown as AdmittedBus;
    const sources = {
      admitted,
      guard: guardFromEnvironment(),
      held: heldUpdatesFromEnvironment(),
      ids: updateIdsFromEnvironment(),
      log: updateLogFromEnvironment(),
    };
    const answers = await Promise.all(
      [{ issuedAt: 0, firstSignedAt: 0, expiresAt: 1 }, undefined].map(ourToken =>
        publishUpdate({ ...caller, ourToken, parameters: {}, query: {} }, sources),
      ),
    );
    expect(answers[0]?.updateId).not.toBe(answers[1]?.updateId);
  });

  it('takes no more for being encoded by the gateway', async () => {
    const encoded = { body: Buffer.alloc(64 * 1024 + 1, ' ').toString('base64'), isBase64Encoded: true };
    expect((await publishAs(encoded)).status).toBe(413);
  });

  const prices = Array.from({ length: 900 }, (_, index) => ({
    sku: `SKU-${index}`,
    amount: 1,
    currency: 'EUR',
  }));
  const offer = {
    offerId: 'O',
    title: 'T',
    skus: ['A'],
    discount: { percent: 5 },
    validUntil: '2020-01-01T00:00:00Z',
  };
  it.each<[number, string, string | object, RegExp]>([
    [400, 'no JSON', '{', /not JSON/],
    [400, 'no body', '', /not JSON/],
    [400, 'no type', { detail: {} }, /must be/],
    [400, 'no detail', { type: 'PriceChanged' }, /must be/],
    [422, 'an unknown type', { type: 'Toaster', detail: {} }, /unknown detail-type 'Toaster'/],
    [422, 'an invalid detail', { type: 'PriceChanged', detail: { prices: [] } }, /prices: must hold/],
    [422, 'an offer that is over', { type: 'OfferPublished', detail: offer }, /already past/],
    [413, 'too much for a frame', { type: 'PriceChanged', detail: { prices } }, /30000/],
    [413, '64 KB', `"${'x'.repeat(64 * 1024)}`, /65536 bytes/],
  ])('is refused at once with %i for %s', async (status, _title, broken, reason) => {
    const answer = await publishAs({ body: broken });
    expect({ status: answer.status, detail: answer.json.detail }).toEqual({
      status,
      detail: expect.stringMatching(reason),
    });
    expect(aws.events).toEqual([]);
  });
});

describe('updates', () => {
  it('are listed newest first, without their data, page by page', async () => {
    const published: Update[] = [];
    for (let index = 0; index < 5; index += 1)
      published.push(
        await publish(
          priceUpdate({
            publishedAt: isoTime(Date.parse('2031-01-01T00:00:00Z') + index),
            audience: audience({ regions: ['n'] }),
          }),
        ),
      );
    const listed = (await wholeList('/updates', 2, ({ items }: { items: unknown[] }) => items)) as {
      updateId: string;
    }[];
    expect(listed.slice(0, 5).map(({ updateId }) => updateId)).toEqual(
      published.map(({ id }) => id).reverse(),
    );
    expect(listed[0]).toMatchObject({ kind: 'price.changed', audience: audience({ regions: ['n'] }) });
    expect(listed[0]).not.toHaveProperty('data');
  });

  it('are all listed where DynamoDB ends a page by its size, before the limit', async () => {
    const regions = Array.from({ length: 1_000 }, () => unique('a-region-with-a-long-name-'.repeat(2)));
    const published: string[] = [];
    for (let index = 0; index < 24; index += 1) {
      const publishedAt = isoTime(Date.parse('2032-01-01T00:00:00Z') + index);
      const update = priceUpdate({ publishedAt, audience: audience({ regions }) });
      await list.enter(update, Date.parse(publishedAt));
      published.push(update.id);
    }
    const first = await request('GET', '/updates', { query: { limit: '1000' } });
    expect(first.json.items.length).toBeLessThan(24);
    const listed = (await wholeList('/updates', 1_000, ({ items }: { items: unknown[] }) => items)) as {
      updateId: string;
    }[];
    expect(listed.slice(0, 24).map(({ updateId }) => updateId)).toEqual(published.reverse());
  });

  it('are shown whole, with their positions', async () => {
    const update = await publish(priceUpdate({ audience: audience({ regions: [unique('r')] }) }));
    const { json } = await request('GET', `/updates/${update.id}`);
    expect(json).toMatchObject({
      updateId: update.id,
      publishedAt: update.publishedAt,
      data: update.data,
      positions: { [`region/${update.audience?.regions[0]}`]: 1 },
    });
  });
});

describe('the delivery of an update', () => {
  /** A store of each state, and two that are not targeted. */
  async function delivered(validUntil: number) {
    const region = unique('r');
    const publishedAt = Date.now() - HOUR;
    const ids = Object.fromEntries(
      ['applied', 'late', 'rejected', 'pending', 'offline', 'newcomer', 'elsewhere'].map(name => [
        name,
        unique('s'),
      ]),
    ) as Record<string, string>;
    const named = unique('s');
    const update = await publish(
      offerUpdate('O', validUntil, {
        publishedAt: isoTime(publishedAt),
        audience: audience({ regions: [region], stores: [named] }),
      }),
    );
    for (const [name, storeId] of Object.entries(ids)) {
      const firstSeenAt = name === 'newcomer' ? publishedAt + 1 : publishedAt - HOUR;
      await roster.heard(place(storeId, name === 'elsewhere' ? 'other' : region), firstSeenAt);
    }
    const store = (name: string) => ids[name] ?? '';
    for (const name of ['pending', 'elsewhere', 'newcomer']) await online(store(name), region);
    const at = publishedAt + 2_000;
    const receive = (name: string, receipt: Omit<UpdateReceipt, 'updateId' | 'storeId'>) =>
      inbox.put(store(name), [{ updateId: update.id, ...receipt }], at);
    await receive('applied', { outcome: 'applied', at });
    await receive('late', { outcome: 'applied', at: at + 500 });
    await receive('rejected', { outcome: 'rejected', at, reason: 'unknown SKU' });
    return { update, store, named, at };
  }

  it('tells for each targeted store where it stands, and how long the last one took', async () => {
    const { update, store, named, at } = await delivered(Date.now() + DAY);
    const { json } = await request('GET', `/updates/${update.id}/delivery`);
    const { stores, ...counts } = json;
    expect(counts).toEqual({
      updateId: update.id,
      targeted: 6,
      applied: 2,
      rejected: 1,
      pending: 1,
      offline: 2,
      expired: 0,
      lastAppliedMs: 2_500,
    });
    const expected = [
      { storeId: store('applied'), state: 'applied', at: isoTime(at) },
      { storeId: store('late'), state: 'applied', at: isoTime(at + 500) },
      { storeId: store('rejected'), state: 'rejected', at: isoTime(at), reason: 'unknown SKU' },
      { storeId: store('pending'), state: 'pending', at: null },
      { storeId: store('offline'), state: 'offline', at: null },
      { storeId: named, state: 'offline', at: null },
    ];
    expect(stores).toEqual(expected.sort((a, b) => (a.storeId < b.storeId ? -1 : 1)));
  });

  it('counts what came too late for an offer that is over', async () => {
    const { update } = await delivered(Date.now() - 1);
    const { json } = await request('GET', `/updates/${update.id}/delivery`);
    expect(json).toMatchObject({ targeted: 6, applied: 2, rejected: 1, pending: 0, offline: 0, expired: 3 });
  });

  it('pages through its stores, with the same counts on every page', async () => {
    const { update } = await delivered(Date.now() + DAY);
    const path = `/updates/${update.id}/delivery`;
    const stores = ({ stores: page, targeted }: { stores: unknown[]; targeted: number }) => {
      expect(targeted).toBe(6);
      return page;
    };
    expect(await wholeList(path, 4, stores)).toEqual((await request('GET', path)).json.stores);
  });

  it('is signed whole, or from a store on, with the same counts', async () => {
    const { update } = await delivered(Date.now() + DAY);
    const signed = async (query: Record<string, string>) => {
      const { headers, json } = await request('GET', `/updates/${update.id}/evidence`, { query });
      expect(headers).toMatchObject({ 'content-type': 'application/jose+json', 'cache-control': 'no-store' });
      return JSON.parse(Buffer.from(json.payload, 'base64url').toString());
    };
    const delivery = async (query: Record<string, string>) =>
      (await request('GET', `/updates/${update.id}/delivery`, { query })).json;
    const whole = await delivery({});
    expect(await signed({})).toMatchObject({
      madeBy: { deployment: 'test' },
      delivery: whole,
      after: null,
    });
    const { cursor, ...first } = await delivery({ limit: '2' });
    const rest = await signed({ cursor });
    expect(rest).toMatchObject({ delivery: { targeted: 6, applied: 2 }, after: first.stores[1].storeId });
    expect(rest.delivery.stores).toEqual(whole.stores.slice(2));
    const { status } = await request('GET', `/updates/${update.id}/evidence`, { query: { cursor: '!' } });
    expect(status).toBe(400);
  });

  it('has no last one while none has applied it', async () => {
    const update = await publish(priceUpdate({ audience: audience({ stores: [unique('s')] }) }));
    const { json } = await request('GET', `/updates/${update.id}/delivery`);
    expect(json).toMatchObject({ targeted: 1, offline: 1, lastAppliedMs: null });
  });
});

describe('a revocation', () => {
  it('is answered and holds though the line can not be closed', async () => {
    const storeId = unique('s');
    const identity: Identity = { role: 'store', storeId, region: undefined, groups: [] };
    const line = { identity, connectionId: unique('c='), connectedAt: Date.now() };
    await connections.register(line, Date.now());
    aws.statusOf = () => 500;
    expect((await request('PUT', `/stores/${storeId}/revocation`, { as: PUBLISHER })).status).toBe(204);
    expect((await request('GET', `/stores/${storeId}/revocation`)).status).toBe(200);
  });

  it('ends the line though it can not be told', async () => {
    const storeId = unique('s');
    const identity: Identity = { role: 'store', storeId, region: undefined, groups: [] };
    const line = { identity, connectionId: unique('c='), connectedAt: Date.now() };
    await connections.register(line, Date.now());
    aws.statusOf = (_, method) => (method === 'POST' ? 500 : 200);
    expect((await request('PUT', `/stores/${storeId}/revocation`, { as: PUBLISHER })).status).toBe(204);
    expect(aws.closed).toEqual([line.connectionId]);
  });
});

describe('a page of a till', () => {
  const from = (origin: string) => ({ origin });
  const till: Identity = { role: 'store', storeId: 's1', region: undefined, groups: [] };

  it('of an allowed origin may renew its token, and reads the answer', async () => {
    const asked = await request('OPTIONS', '/token', { as: null, headers: from(ALLOWED_ORIGIN) });
    expect(asked).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': ALLOWED_ORIGIN,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type',
      },
    });
    const answered = await request('POST', '/token', { as: till, headers: from(ALLOWED_ORIGIN) });
    expect(answered).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': ALLOWED_ORIGIN },
    });
    const refused = await request('POST', '/token', { as: null, headers: from(ALLOWED_ORIGIN) });
    expect(refused).toMatchObject({
      status: 401,
      headers: { 'access-control-allow-origin': ALLOWED_ORIGIN },
    });
  });

  it.each([
    ['of another origin', '/token', 'https://evil.example'],
    ['that asks for anything else', '/updates', ALLOWED_ORIGIN],
  ])('%s may not', async (_title, path, origin) => {
    const { headers, status } = await request('OPTIONS', path, { as: null, headers: from(origin) });
    expect(status).toBe(405);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a fresh token', () => {
  const store: Identity = { role: 'store', storeId: 's1', region: 'north', groups: ['city'] };
  const verifier = new TokenVerifier({ client: aws.kms, keyIds: [KEY_ID] });
  const DAY_SECONDS = 86_400;
  const nowSeconds = () => Math.floor(Date.now() / 1_000);

  /** Renews a token of these times. */
  const renew = async (age: number, lifetime: number, firstAge = age) => {
    const issuedAt = nowSeconds() - age;
    const times = { issuedAt, expiresAt: issuedAt + lifetime, firstSignedAt: nowSeconds() - firstAge };
    const token = await mintToken(store, KEY_ID, kmsSigner(aws.kms, KEY_ID), issuedAt, lifetime, times);
    return request('POST', '/token', { as: null, headers: { authorization: `Bearer ${token}` } });
  };

  it('speaks for the same store as the one that was brought', async () => {
    const { status, json } = await request('POST', '/token', { as: store });
    expect(status).toBe(200);
    expect((await verifier.verify(json.token)).identity).toMatchObject(store);
  });

  it('lives as long as the first one did, and says when it ends and is to be renewed', async () => {
    const { json } = await renew(40, 45);
    const { ours } = await verifier.verify(json.token);
    const { expiresAt = 0, firstSignedAt, issuedAt = 0 } = ours ?? {};
    expect(expiresAt - issuedAt).toBe(45);
    expect(issuedAt - Number(firstSignedAt)).toBeGreaterThanOrEqual(40);
    expect(json.expiresAt).toBe(new Date(expiresAt * 1_000).toISOString());
    expect(json.renewAt).toBe(new Date((issuedAt + 22.5) * 1_000).toISOString());
  });

  it('ends at the latest a year after the first of all was signed', async () => {
    const { json } = await renew(45 * DAY_SECONDS, 90 * DAY_SECONDS, 355 * DAY_SECONDS);
    const { ours } = await verifier.verify(json.token);
    expect((ours?.expiresAt ?? 0) - (ours?.firstSignedAt ?? 0)).toBe(365 * DAY_SECONDS);
    const later = await renew(30 * DAY_SECONDS, 90 * DAY_SECONDS, 366 * DAY_SECONDS);
    expect(later).toMatchObject({ status: 403, json: { detail: expect.stringContaining('a year ago') } });
  });

  it.each([MANAGER, PUBLISHER])('is not for a $role', async as => {
    expect((await request('POST', '/token', { as })).status).toBe(403);
  });

  it('is not for one that was signed before its store was revoked, also after the restoration', async () => {
    const as: Identity = { ...store, storeId: unique('s') };
    const stolen = { authorization: `Bearer ${await tokenOf(aws, as)}` };
    const path = `/stores/${as.storeId}/revocation`;
    await request('PUT', path, { as: PUBLISHER });
    await request('DELETE', path, { as: PUBLISHER });
    expect((await request('POST', '/token', { as: null, headers: stolen })).status).toBe(403);
    expect((await request('POST', '/token', { as })).status).toBe(200);
  });
});
