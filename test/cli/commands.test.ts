import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect, connectStore, refusalOf } from '../contract/store.ts';
import { openSystem, unique } from '../contract/system.ts';
import { ringUp } from '../domain/till.ts';
import { patience } from '../patience.ts';
import { type Ended, fileOf, spawnStorecast, storecast } from './storecast.ts';

const system = await openSystem();
const outputs = fileOf('outputs.json', JSON.stringify({ Storecast: system.outputs }));

/** Runs a command that must succeed and has nothing to remark; answers the lines of its stdout. */
async function succeed(...args: string[]): Promise<string[]> {
  const { lines, notes } = await run(...args);
  expect(notes).toEqual('');
  return lines;
}

/** Runs a command that must succeed; answers the lines of its stdout, and its remarks. */
async function run(...args: string[]): Promise<{ lines: string[]; notes: string }> {
  const { exitCode, stdout, stderr } = await storecast(args, outputs);
  expect(exitCode, stderr).toBe(0);
  return { lines: stdout.trimEnd().split('\n'), notes: stderr };
}

/** The same of a `publish`, which remarks whom it reaches. */
async function publish(...args: string[]): Promise<string[]> {
  return (await run('publish', ...args)).lines;
}

function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}

const NINETY_DAYS = 90 * 86_400;
const TWELVE_HOURS = 12 * 3_600;

describe('place', () => {
  test('says where a store is, shows it, and goes by the token again', async () => {
    const { storeId } = await connectStore(system, { region: 'north' });
    const place = (...args: string[]) => succeed('place', storeId, ...args);
    expect(
      await place('--region', 'south', '--group', 'a', 'b', '--time-zone', 'Asia/Tokyo', '--name', 'Pier'),
    ).toEqual([`${storeId} (Pier) is in region south, groups a, b, time zone Asia/Tokyo`]);
    const [json = ''] = await place('--clear', '--group', 'c', '--json');
    expect(JSON.parse(json)).toMatchObject({ storeId, region: 'north', groups: ['c'], connected: true });
    expect((await storecast(['place', storeId], outputs)).exitCode).toBe(2);
    expect((await storecast(['place', storeId, '--time-zone', 'Mars/Olympus'], outputs)).exitCode).toBe(2);
    const unknown = await storecast(['place', 'never-seen', '--region', 'r'], outputs);
    expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('never-seen') });
  });
});

describe('token', () => {
  test('prints a JWT for each store, a line each, and nothing else; each opens a line', async () => {
    const ids = [unique('a'), unique('b')];
    const tokens = await succeed(
      'token',
      'store',
      ...ids,
      '--region',
      'north',
      '--group',
      'express',
      'pilot',
    );
    expect(tokens).toEqual(ids.map(() => expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)));
    expect(tokens.map(claimsOf)).toEqual(
      ids.map(storeId =>
        expect.objectContaining({ role: 'store', storeId, region: 'north', groups: ['express', 'pilot'] }),
      ),
    );
    for (const token of tokens) {
      const line = await connect(system, { token });
      expect(await line.ping()).toMatchObject({ type: 'pong' });
    }
  });

  test("names the store's time zone", async () => {
    const [token] = await succeed('token', 'store', unique('a'), '--time-zone', 'Asia/Tokyo');
    expect(claimsOf(token)).toMatchObject({ timeZone: 'Asia/Tokyo' });
    const line = await connect(system, { token });
    expect(await line.ping()).toMatchObject({ type: 'pong' });
  });

  test.each<[string, string[], number]>([
    ['90 days for a store', ['store', '1'], NINETY_DAYS],
    ['12 hours for a manager', ['manager', 'ada'], TWELVE_HOURS],
    ['12 hours for a publisher', ['publisher', 'pricing'], TWELVE_HOURS],
    ['as long as --expires-in says', ['store', '1', '--expires-in', '30m'], 1_800],
  ])('lives %s', async (_, args, seconds) => {
    const { iat, exp } = claimsOf((await succeed('token', ...args))[0]);
    expect(Number(exp) - Number(iat)).toBe(seconds);
  });

  test("a manager's reads from the HTTP API, a publisher's publishes too", async () => {
    const [[manager], [publisher]] = [
      await succeed('token', 'manager', 'ada'),
      await succeed('token', 'publisher', 'p'),
    ];
    expect((await system.request('GET', 'stores', { token: manager })).status).toBe(200);
    expect((await system.request('GET', 'stores', { token: publisher })).status).toBe(200);
    expect((await system.request('POST', 'updates', { token: manager })).status).toBe(403);
    expect((await system.request('POST', 'updates', { token: publisher })).status).toBe(400);
  });
});

test('revoke ends the line of a store and shuts it out, restore lets it in again', async () => {
  const line = await connectStore(system);
  const { storeId } = line;
  const [token = ''] = await succeed('token', 'store', storeId);
  const [revoked] = await succeed('revoke', storeId);
  expect(revoked).toMatch(`revoked ${storeId}`);
  expect(await line.answer()).toEqual({ type: 'closing', reason: 'revoked' });
  expect(await refusalOf(system, { token })).toBe(403);
  const row = (await succeed('stores')).find(text => text.startsWith(storeId));
  expect(row).toContain('revoked');
  const [restored] = await succeed('restore', storeId);
  expect(restored).toMatch(`restored ${storeId}: a token that is signed from now on opens a line`);
  expect(await refusalOf(system, { token })).toBe(403);
  const [fresh = ''] = await succeed('token', 'store', storeId);
  expect(await refusalOf(system, { token: fresh })).toBeUndefined();
});

describe('cost', () => {
  const fleet = ['--stores', '1000', '--sales-per-minute', '7', '--updates-per-day', '20'];

  test('gives each line its formula, compares with watching, plain tills and polling, and asks nobody', async () => {
    const { exitCode, stdout } = await storecast(['cost', ...fleet]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^connections +43,830,000 × \(1 connectionMinute\) +10\.96$/m);
    for (const name of ['watched', 'plain tills', 'polling an HTTP API', 'polling a REST API'])
      expect(stdout).toMatch(new RegExp(`^${name}.* \\d+\\.\\d\\d$`, 'm'));
    expect(stdout).toContain('us-east-1, 2026-11');
  });

  test('as JSON holds every way with its lines, the line at rest first', async () => {
    const { stdout } = await storecast(['cost', ...fleet, '--json']);
    const { items } = JSON.parse(stdout) as { items: { scenario: string }[] };
    expect(items[0]?.scenario).toContain('at rest');
    expect(items).toHaveLength(6);
    for (const item of items) {
      expect(item).toMatchObject({
        lines: expect.arrayContaining([
          {
            item: expect.any(String),
            formula: expect.any(String),
            dollars: expect.any(Number),
            units: expect.any(Object),
          },
        ]),
      });
    }
  });

  test('tells of a fleet that is watched for some hours, and of polling line by line', async () => {
    const { stdout } = await storecast(['cost', '--stores', '10', '--watched-hours', '2', '--polling']);
    expect(stdout).toMatch(/^watched 2 hours a day +\d+\.\d\d$/m);
    expect(stdout.match(/^polls /gm)).toHaveLength(3);
  });

  test('takes updates by the minute or by the day', async () => {
    const dollars = async (...updates: string[]) => {
      const { stdout } = await storecast(['cost', '--stores', '10', ...updates, '--json']);
      return (JSON.parse(stdout) as { items: { dollars: number }[] }).items[0]?.dollars;
    };
    expect(await dollars('--updates-per-minute', '2')).toBe(await dollars('--updates-per-day', '2880'));
  });
});

describe('publish', () => {
  test('price takes major units and reaches the region it names', async () => {
    const region = unique('region');
    const [inside, outside] = [await connectStore(system, { region }), await connectStore(system)];
    const args = ['4006381333931=1.99', 'B=20', '--currency', 'EUR', '--region', region];
    const [line] = await publish('price', ...args);
    const [, id = ''] = /^published (\S+)$/.exec(line ?? '') ?? [];
    const prices = [
      { sku: '4006381333931', amount: 199, currency: 'EUR' },
      { sku: 'B', amount: 2_000, currency: 'EUR' },
    ];
    expect(await inside.update(id)).toMatchObject({ kind: 'price.changed', data: { prices } });
    await outside.ping();
    expect(outside.updateIds).not.toContain(id);
  });

  test("knows a currency's own minor units, and prints JSON where asked", async () => {
    const store = await connectStore(system);
    const args = ['A=150', '--currency', 'JPY', '--valid-from', '2035-01-01T00:00:00Z', '--json'];
    const [line = ''] = await publish('price', ...args, '--store', store.storeId);
    const { updateId } = JSON.parse(line);
    expect(await store.update(updateId)).toMatchObject({
      validFrom: '2035-01-01T00:00:00.000Z',
      data: { prices: [{ sku: 'A', amount: 150, currency: 'JPY' }] },
    });
  });

  test('price --file takes semicolons and decimal commas, and publishes each line to its own stores', async () => {
    const region = unique('region');
    const [inside, outside] = [await connectStore(system, { region }), await connectStore(system)];
    const file = fileOf(
      'german.csv',
      `\uFEFFsku;amount;currency;priceType;unit;region;store\r\nA;1.299,50;EUR;;KGM;${region};\r\nB;0,99;EUR;promotional;;;${outside.storeId}\r\n`,
    );
    const [first = '', second = ''] = await publish(
      'price',
      '--file',
      file,
      '--valid-until-local',
      '2035-01-01T00:00',
    );
    expect(await inside.update(first.replace('published ', ''))).toMatchObject({
      validUntil: null,
      validUntilLocal: '2035-01-01T00:00',
      data: { prices: [{ sku: 'A', amount: 129_950, currency: 'EUR', unit: 'KGM' }] },
    });
    expect(await outside.update(second.replace('published ', ''))).toMatchObject({
      data: { prices: [{ sku: 'B', amount: 99, currency: 'EUR', priceType: 'promotional' }] },
    });
  });

  test('price --check says what would be published to whom, and publishes nothing', async () => {
    const region = unique('region');
    const store = await connectStore(system, { region });
    const file = fileOf(
      'checked.csv',
      `sku;amount;currency;region;validFrom\nA;1,99;EUR;${region};2035-01-01T00:00Z\nB;2;EUR;;\n`,
    );
    const { lines, notes } = await run('publish', 'price', '--file', file, '--check');
    expect(lines).toEqual([
      `would publish 1 price to region ${region}, from 2035-01-01T00:00Z`,
      '  A  1.99 EUR',
      'would publish 1 price to every store',
      '  B  2.00 EUR',
    ]);
    expect(notes).toMatch(
      new RegExp(`^region ${region}: reaches 1 store, 1 of them .*\\nevery store: reaches \\d+`),
    );
    const [json = ''] = (await run('publish', 'price', '--file', file, '--check', '--json')).lines;
    expect(JSON.parse(json)).toMatchObject({
      items: [
        { type: 'PriceChanged', detail: { audience: { regions: [region] } } },
        { type: 'PriceChanged' },
      ],
    });
    // Of what comes to a store, a later price comes later.
    const [published = ''] = await publish('price', 'C=1', '--currency', 'EUR', '--region', region);
    await store.update(published.replace('published ', ''));
    expect(store.updateIds).toEqual([published.replace('published ', '')]);
  });

  test('price --file splits what one update can not hold', async () => {
    const store = await connectStore(system);
    const skus = Array.from({ length: 900 }, (_, index) => `4006381${100_000 + index}`);
    const csv = ['sku,amount,currency', ...skus.map(sku => `${sku},1.99,EUR`)].join('\r\n');
    const file = fileOf('prices.csv', `\uFEFF${csv}\r\n`);
    const lines = await publish('price', '--file', file, '--store', store.storeId);
    expect(lines.length).toBeGreaterThan(1);
    const updates = await Promise.all(lines.map(line => store.update(line.replace('published ', ''))));
    const received = updates.flatMap(({ data }) => (data as { prices: { sku: string }[] }).prices);
    expect(received.map(({ sku }) => sku).sort()).toEqual(skus);
    // Stores send the receipts of all of them at once.
    expect(updates.map(({ receipts }) => receipts)).toEqual([
      ...updates.slice(1).map(() => undefined),
      'now',
    ]);
    // One after the other, so that they don't throttle each other; and known as one list.
    expect(updates.map(({ positions }) => Object.values(positions as object))).toEqual(
      updates.map((_, index) => [index + 1]),
    );
    const listed = await Promise.all(
      updates.map(async ({ id }) => (await system.request('GET', `updates/${id}`)).json()),
    );
    const lists = new Set((listed as { priceList?: string }[]).map(({ priceList }) => priceList));
    expect([...lists]).toEqual([expect.stringMatching(/^[\w-]{36}$/)]);
    // One report: the store has the list once it has each part.
    const [list = ''] = [...lists];
    const stateOf = async () => {
      const { lines: printed } = await run('delivery', String(list), '--json');
      return (JSON.parse(printed.join('')) as { stores: { state: string }[] }).stores.map(
        ({ state }) => state,
      );
    };
    const [first, ...others] = updates.map(({ id }) => ({ id, appliedAt: new Date().toISOString() }));
    store.send({ action: 'applied', updates: [first] });
    await store.answer();
    expect(await stateOf()).toEqual(['pending']);
    store.send({ action: 'applied', updates: others });
    await store.answer();
    expect(await stateOf()).toEqual(['applied']);
  });

  test("offer answers the update's id, which is the file's own where it has one; withdraw takes it back", async () => {
    const store = await connectStore(system);
    const updateId = unique('summer');
    const offer = {
      ...{ updateId, offerId: 'o-1', title: 'Two for one', skus: ['A'], discount: { percent: 50 } },
      validUntil: '2035-01-01T00:00:00Z',
    };
    const file = fileOf('offer.json', JSON.stringify(offer));
    const audience = ['--store', store.storeId];
    expect(await publish('offer', file, ...audience)).toEqual([`published ${updateId}`]);
    expect(await store.update(updateId)).toMatchObject({ kind: 'offer.published', data: { offerId: 'o-1' } });
    const [line = ''] = await publish('withdraw', 'o-1', ...audience);
    const withdrawal = await store.update(line.replace('published ', ''));
    expect(withdrawal).toMatchObject({ kind: 'offer.withdrawn', data: { offerId: 'o-1' } });
  });
});

test('prices tells what a store has in force, as a table or as JSON', async () => {
  const store = await connectStore(system);
  const sku = unique('sku');
  const [line = ''] = await publish('price', `${sku}=1.99`, '--currency', 'EUR', '--store', store.storeId);
  const updateId = line.replace('published ', '');
  const read = async () => JSON.parse((await succeed('prices', store.storeId, sku, '--json')).join('')).items;
  await expect.poll(read, { timeout: patience(15_000) }).toMatchObject([{ sku, amount: 199, updateId }]);
  const [head, row] = await succeed('prices', store.storeId, sku);
  expect(head).toMatch(/^sku +type +price +lowest of 30 days +since/);
  expect(row).toContain('1.99 EUR');
  const late = await storecast(['prices', store.storeId, '--at', '2020-01-01T00:00:00Z'], outputs);
  expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('30 days') });
});

describe('publish withdraw-price', () => {
  test('takes prices back where they were published to, once; nobody sends the withdrawal again', async () => {
    const store = await connectStore(system);
    const [line = ''] = await publish('price', 'A=0.01', '--currency', 'EUR', '--store', store.storeId);
    const wrong = line.replace('published ', '');
    const check = await storecast(['publish', 'withdraw-price', wrong, '--check'], outputs);
    expect(check.stdout).toBe(`would take back ${wrong} to store ${store.storeId}\n`);
    expect(check.stderr).toContain('reaches 1 store');
    const [taken = ''] = await publish('withdraw-price', wrong);
    const withdrawal = taken.replace('published ', '');
    expect(await store.update(withdrawal)).toMatchObject({
      kind: 'price.withdrawn',
      data: { updates: [wrong], restored: [] },
    });
    const again = ['publish', 'again', withdrawal, '--store', store.storeId];
    expect(await storecast(again, outputs)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('takes prices back'),
    });
    const [offer = ''] = await publish('withdraw', unique('o'), '--store', store.storeId);
    const { exitCode, stderr } = await storecast(
      ['publish', 'withdraw-price', offer.replace('published ', '')],
      outputs,
    );
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('has no prices')]);
  });
});

describe('publish again', () => {
  test('sends what a store has refused to it once more, under another id and as old as it is', async () => {
    const [store, other] = [await connectStore(system), await connectStore(system)];
    const audience = ['--store', store.storeId, other.storeId];
    const [line = ''] = await publish('price', 'A=1.99', '--currency', 'EUR', ...audience);
    const first = await store.update(line.replace('published ', ''));
    const [again = ''] = await publish('again', String(first.id), '--store', store.storeId);
    const second = await store.update(again.replace('published ', ''));
    expect(second.id).not.toBe(first.id);
    const { kind, data, publishedAt, validFrom, validUntil } = first;
    expect(second).toMatchObject({ kind, data, publishedAt, validFrom, validUntil });
    expect(other.updateIds).not.toContain(second.id);
  });

  test('wants to know to whom, and an update that there is', async () => {
    expect(await storecast(['publish', 'again', 'u-1'], outputs)).toMatchObject({ exitCode: 2 });
    expect(await storecast(['publish', 'again', 'never-was', '--store', 's'], outputs)).toMatchObject({
      exitCode: 1,
    });
  });
});

describe('publish says whom it reaches', () => {
  const price = ['publish', 'price', '4006381333931=1.99', '--currency', 'EUR'];

  test('the stores of the audience, and how many of them are on the line', async () => {
    const region = unique('region');
    await connectStore(system, { region });
    const gone = await connectStore(system, { region });
    await gone.cut();
    await expect
      .poll(async () => (await run(...price, '--region', region)).notes, { timeout: 15_000 })
      .toBe('reaches 2 stores, 1 of them on the line now\n');
  });

  test('and warns of a name that no store has', async () => {
    const region = unique('region');
    await connectStore(system, { region });
    const { lines, notes } = await run(...price, '--region', region, 'nroth', '--json');
    expect(JSON.parse(lines.join(''))).toEqual({ updateId: expect.any(String) });
    expect(notes).toMatch(/^reaches 1 store, 1 of them .*\nwarning: no store is known of region nroth\n$/);
    const nobody = await run(...price, '--group', 'pliot');
    expect(nobody.notes).toMatch(/^warning: it reaches no store\nwarning: .* of group pliot\n$/);
  });

  test('and warns where there is no offer to withdraw', async () => {
    const { storeId } = await connectStore(system);
    const offerId = unique('offer');
    const offer = { offerId, title: 'T', skus: ['A'], discount: { percent: 5 } };
    const file = fileOf('running.json', JSON.stringify({ ...offer, validUntil: '2035-01-01T00:00:00Z' }));
    const withdraw = ['publish', 'withdraw', offerId, '--store', storeId];
    expect((await run(...withdraw)).notes).toContain(`warning: no running offer ${offerId} is among`);
    await publish('offer', file, '--store', storeId);
    // The broadcast lists an update after its posts.
    await expect
      .poll(async () => (await run(...withdraw)).notes, { timeout: 15_000 })
      .toBe('reaches 1 store, 1 of them on the line now\n');
  });
});

test('a SKU with a wrong check digit is a warning, once for all of them', async () => {
  const csv = 'sku,amount,currency\n4006381333931,1,EUR\n\n4006381333932,1,EUR\n4006381333930,1,EUR\n';
  const { notes } = await run('publish', 'price', '--file', fileOf('check.csv', csv), '--store', 'nobody');
  expect(notes).toMatch(/warning: .*check\.csv line 4: 4006381333932 .* must be 1, not 2; and 1 more/);
});

describe('stores', () => {
  test('lists who is connected, as JSON and as a table', async () => {
    const { storeId } = await connectStore(system, { region: 'north', groups: ['express'] });
    const { items } = JSON.parse((await succeed('stores', '--json')).join('\n'));
    expect(items).toContainEqual(
      expect.objectContaining({ storeId, region: 'north', groups: ['express'], connected: true }),
    );
    const [head, ...rows] = await succeed('stores');
    expect(head).toMatch(/^store +region +groups +name +connected +since/);
    expect(rows.find(row => row.startsWith(storeId))).toMatch(/north +express .*yes/);
  });
});

describe('rollouts', () => {
  test('lists what goes out in waves, shows the waves of one, and acts on it', async () => {
    const { storeId } = await connectStore(system);
    const id = await system.publish('PriceChanged', {
      prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
      audience: { stores: [storeId] },
      rollout: { waves: [{ groups: ['none'] }, { percent: 100 }] },
    });
    const show = async () =>
      JSON.parse((await run('rollouts', id, '--json')).lines.join('')) as { waves: [] };
    await expect.poll(async () => (await show()).waves, { timeout: patience(20_000) }).toHaveLength(2);
    expect(await succeed('rollouts', id)).toEqual([
      expect.stringMatching(new RegExp(`^${id} is running since `)),
      expect.stringMatching(/^wave +state +since +targeted +applied +rejected +update$/),
      expect.stringMatching(/^1 +empty +– +0 +0 +0 +–$/),
      expect.stringMatching(new RegExp(`^2 +running .* 1 +0 +0 +${id}.wave2$`)),
    ]);
    expect((await succeed('rollouts', id, 'pause'))[0]).toContain(`${id} is paused`);
    const rows = await succeed('rollouts');
    expect(rows.find(row => row.startsWith(id))).toMatch(/price\.changed +paused .* 1 of 2/);
    const { items } = JSON.parse((await succeed('rollouts', '--json')).join('')) as { items: unknown[] };
    expect(items).toContainEqual(expect.objectContaining({ rolloutId: id, state: 'paused' }));
    expect((await storecast(['rollouts', id, 'stop'], outputs)).exitCode).toBe(2);
    const done = await storecast(['rollouts', 'none', 'pause'], outputs);
    expect(done).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('none') });
  });
});

describe('approve', () => {
  test('lists what waits, and says that nothing waits under an id', async () => {
    expect(await succeed('approve', '--json')).toEqual(['{"items":[]}']);
    const unknown = await storecast(['approve', 'none'], outputs);
    expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no update none waits') });
    expect((await storecast(['approve', '--refuse'], outputs)).exitCode).toBe(2);
  });
});

describe('totals', () => {
  /** On which no other test sells, within the 400 days that are taken. */
  const day = new Date(Date.now() - 399 * 86_400_000).toISOString().slice(0, 10);
  const range = ['--from', `${day}T00:00:00Z`, '--to', `${day}T02:00:00Z`];

  test('are told by store, region, SKU or minute, as a table or as JSON, and again as they change', {
    timeout: patience(30_000),
  }, async () => {
    const region = unique('region');
    const store = await connectStore(system, { region });
    const sell = async (saleId: string) => {
      store.send({ action: 'sales', sales: [ringUp(saleId, { soldAt: `${day}T00:30:00.000Z` })] });
      expect(await store.answer()).toMatchObject({ saleIds: [saleId] });
    };
    await sell('S1');
    const total = (count: number) => ({ region, count, amount: 398 * count, currency: 'EUR' });
    const [line = ''] = await succeed('totals', '--by', 'region', ...range, '--json');
    expect(JSON.parse(line)).toEqual({ items: [total(1)] });
    expect(await succeed('totals', '--by', 'sku', ...range)).toEqual([
      expect.stringMatching(/^sku +count +amount/),
      expect.stringMatching(/^A +2 +3\.98 EUR/),
    ]);

    const watching = spawnStorecast(['totals', '--watch', '--by', 'region', ...range, '--json'], outputs);
    onTestFinished(() => void watching.kill('SIGKILL'));
    if (watching.stdout === null) throw new Error('no pipe');
    const lines = createInterface(watching.stdout)[Symbol.asyncIterator]();
    expect(JSON.parse((await lines.next()).value ?? '')).toEqual({ items: [total(1)] });
    await sell('S2');
    expect(JSON.parse((await lines.next()).value ?? '')).toEqual({ items: [total(2)] });
    watching.kill('SIGINT');
    const [exitCode] = await once(watching, 'exit');
    expect(exitCode).toBe(0);
  });
});

const offerOver = {
  offerId: 'o',
  title: 'T',
  skus: ['A'],
  discount: { percent: 1 },
  validUntil: '2020-01-01T00:00:00Z',
};

const { ManagementUrl: _, ...older } = system.outputs;
const one = fileOf('one.csv', 'sku,amount,currency\nA,1,EUR\n');
const others = Array.from({ length: 599 }, (_, index) => `B${index},1,EUR`);
const twice = fileOf('twice.csv', ['sku,amount,currency', 'A,1,EUR', ...others, 'A,2,EUR', ''].join('\n'));

test.each<[number, RegExp, string[]]>([
  [2, /unknown command/, ['pubish']],
  [2, /unknown option/, ['stores', '--jsno']],
  [2, /missing required argument/, ['token', 'store']],
  [2, /too many arguments/, ['token', 'manager', 'ada', 'lovelace']],
  [2, /'a\/b' must be/, ['token', 'store', 'a/b']],
  [2, /'soon' is not a duration/, ['token', 'store', '1', '--expires-in', 'soon']],
  [2, /name a price/, ['publish', 'price', '--currency', 'EUR']],
  [2, /--currency is missing/, ['publish', 'price', 'A=1']],
  [2, /'A' is not SKU=AMOUNT/, ['publish', 'price', 'A', '--currency', 'EUR']],
  [2, /'1,99' is not an amount/, ['publish', 'price', 'A=1,99', '--currency', 'EUR']],
  [2, /more than the 2 decimal places/, ['publish', 'price', 'A=1.999', '--currency', 'EUR']],
  [2, /'EURO' is not an ISO 4217/, ['publish', 'price', 'A=1', '--currency', 'EURO']],
  [2, /priceType: must be/, ['publish', 'price', 'A=1', '--currency', 'EUR', '--price-type', 'sale']],
  [2, /'Berlin' must be an IANA time zone/, ['token', 'store', '1', '--time-zone', 'Berlin']],
  [2, /twice/, ['publish', 'price', 'A=1', 'A=2', '--currency', 'EUR']],
  [2, /validFrom/, ['publish', 'price', 'A=1', '--currency', 'EUR', '--valid-from', 'tomorrow']],
  [2, /--stores/, ['cost']],
  [2, /number above 0/, ['cost', '--stores', 'many']],
  [2, /hours from 0 to 24/, ['cost', '--stores', '1', '--watched-hours', '25']],
  [2, /updates-per-day/, ['cost', '--stores', '1', '--updates-per-day', '1', '--updates-per-minute', '1']],
  [2, /'a\/b' must be/, ['revoke', 'a/b']],
  [1, /store never-revoked is not revoked/, ['restore', 'never-revoked']],
  [1, /by takes store/, ['totals', '--by', 'colour']],
  [1, /by=sku .* 7 days .* shorter/, ['totals', '--by', 'sku', '--from', '2024-01-01T00:00:00Z']],
  [1, /can't be read/, ['publish', 'price', '--file', 'nowhere.csv']],
  [1, /line 3/, ['publish', 'price', '--file', fileOf('gap.csv', 'sku,amount,currency\nA,1,EUR\nB,,EUR\n')]],
  [
    1,
    /unknown: 'regoin', 'from'; known are sku, amount, currency/,
    ['publish', 'price', '--file', fileOf('wide.csv', 'sku,amount,regoin,currency,from\nA,1,n,EUR,\n')],
  ],
  [
    1,
    /SKU A is priced twice: .*twice\.csv line 2 and .*twice\.csv line 602/,
    ['publish', 'price', '--file', twice],
  ],
  [
    1,
    /line 2: the SKU '4\.00638E12' is a number that a spreadsheet has cut/,
    ['publish', 'price', '--file', fileOf('cut.csv', 'sku,amount,currency\n4.00638E12,1,EUR\n')],
  ],
  [2, /'4E12' is a number that a spreadsheet/, ['publish', 'price', '4E12=1', '--currency', 'EUR']],
  [
    1,
    /twice: .*one\.csv line 2 and argument A=2/,
    ['publish', 'price', 'A=2', '--currency', 'EUR', '--file', one],
  ],
  [1, /is not JSON/, ['publish', 'offer', fileOf('bad.json', '{')]],
  [1, /past/, ['publish', 'offer', fileOf('over.json', JSON.stringify(offerOver))]],
  [1, /there is no nowhere\.json/, ['stores', '--outputs', 'nowhere.json']],
  [1, /can't be read as JSON/, ['stores', '--outputs', fileOf('broken.json', '{')]],
  [
    1,
    /the outputs have no ManagementUrl/,
    ['stores', '--outputs', fileOf('older.json', JSON.stringify({ Storecast: older }))],
  ],
  [
    1,
    /no outputs of a storecast stack/,
    ['stores', '--outputs', fileOf('other.json', '{"Other":{"Url":"x"}}')],
  ],
])('exit code %i and a sentence like %s for: %j', async (code, sentence, args) => {
  const { exitCode, stdout, stderr } = await storecast(args, outputs);
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
  expectSentence(stderr, sentence);
});

test.each([['token', 'store', '1'], ['publish', 'price', 'A=1', '--currency', 'EUR'], ['stores']])(
  'a system that is not running is exit code 1 and says so: %s %s',
  async (...args) => {
    const { exitCode, stdout, stderr } = await storecast(args.filter(Boolean), await deadOutputs());
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expectSentence(stderr, /does not answer; is it running\?/);
  },
);

test('with no system at all it says how to start one', async () => {
  const ended: Ended = await storecast(['stores']);
  expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
  expectSentence(ended.stderr, /npm start/);
});

/** One sentence of ours, or commander's with its hint: no stack. */
function expectSentence(stderr: string, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^\s+at /m);
  const hintless = stderr
    .trimEnd()
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('('));
  expect(hintless).toHaveLength(1);
}

/** Outputs of a system at a port on which nobody listens. */
async function deadOutputs(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise(resolve => server.close(resolve));
  const dead = { ...system.outputs, ManagementUrl: `${endpoint}/`, AwsEndpointUrl: endpoint };
  return fileOf('dead.json', JSON.stringify({ Storecast: dead }));
}
