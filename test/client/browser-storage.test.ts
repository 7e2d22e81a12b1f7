/** What a browser keeps, in the Chromium of the page's tests: two tabs, lost connections, names that collide. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { openBrowser } from '../page/browser/browser.ts';
import { sale } from './sales.ts';

const browser = await openBrowser();
const origin = await serveClient();

/** A page that holds the library as `storecast`, of this machine and so a secure context. */
async function serveClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['client/browser.ts'],
    bundle: true,
    format: 'iife',
    globalName: 'storecast',
    write: false,
  });
  const page = `<!doctype html><title>till</title><script>${outputFiles[0]?.text}</script>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A browser of one person, whose tabs share what they keep. */
async function openContext(): Promise<BrowserContext> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context;
}

async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

/** Runs in the tab, where `outbox(name)` gives one that this tab opened before or opens now. */
function run<T>(page: Page, body: string): Promise<T> {
  return page.evaluate<T>(`(async () => {
    const { indexedDbOutbox, indexedDbStorage, createStoreClient } = storecast;
    window.opened ??= {};
    const outbox = name => window.opened[name] ??= indexedDbOutbox(name);
    const sale = n => ({ ...${JSON.stringify({ ...sale(1), soldAt: '2026-12-01T08:00:00.000Z' })}, saleId: 'S' + n });
    const idsOf = stored => stored.map(({ sale, refusal }) => sale.saleId + (refusal ? ' ' + refusal.code : ''));
    ${body}
  })()`);
}

test('an outbox gives back what was appended and not settled, in its order, with what was refused', async () => {
  const tab = await openTab(await openContext());
  await run(
    tab,
    `await outbox('sales').load();
     await Promise.all([3, 1, 2, 4].map(n => outbox('sales').append(sale(n))));
     await outbox('sales').settle(['S1'], [{ saleId: 'S3', code: 'a', message: '' }, { saleId: 'S4', code: 'b', message: '' }]);
     await outbox('sales').append(sale(3));`,
  );
  await tab.reload();
  expect(await run(tab, "return idsOf(await outbox('sales').load())")).toEqual(['S3', 'S2', 'S4 b']);
});

// Two tabs overwrote each other's sales.
test('an outbox belongs to one tab, and to the next once that one is gone', async () => {
  const context = await openContext();
  const [first, second] = [await openTab(context), await openTab(context)];
  await run(first, "await outbox('sales').load(); await outbox('sales').append(sale(1));");
  const attempt = "return outbox('sales').load().then(idsOf, error => error.name)";
  expect(await run(second, attempt)).toBe('OutboxInUseError');
  await first.close();
  await expect.poll(() => run(second, attempt)).toEqual(['S1']);
  await run(second, "await outbox('sales').close();");
  expect(await run(await openTab(context), attempt)).toEqual(['S1']);
});

// The browser closes connections by itself: when storage is cleared, or a phone has been asleep. The outbox failed until
// the page was loaded again.
test('what the browser has closed is opened again', async () => {
  const context = await openContext();
  const tab = await openTab(context);
  await run(
    tab,
    `window.state = indexedDbStorage('till');
     await state.save('one');
     await outbox('sales').load();
     await outbox('sales').append(sale(1));`,
  );
  const session = await context.newCDPSession(tab);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  await run(tab, "await outbox('sales').append(sale(2)); await state.save('two');");
  await tab.reload();
  expect(
    await run(tab, "return [idsOf(await outbox('sales').load()), await indexedDbStorage('till').load()]"),
  ).toEqual([['S2'], 'two']);
});

test('a state is kept with what was added to it, each till its own, until it is written anew', async () => {
  const tab = await openTab(await openContext());
  const loaded = "return Promise.all(['till', 'till 2'].map(name => indexedDbStorage(name).load()))";
  await run(
    tab,
    `window.state = indexedDbStorage('till');
     await state.save('one\\n');
     await indexedDbStorage('till 2').save('other\\n');
     for (let n = 1; n <= 11; n++) await state.append(n + '\\n');`,
  );
  await tab.reload();
  expect(await run(tab, loaded)).toEqual(['one\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n', 'other\n']);
  await run(
    tab,
    `window.state = indexedDbStorage('till');
     await state.load();
     await state.append('12\\n');
     const all = await indexedDbStorage('till').load();
     if (!all.endsWith('11\\n12\\n')) throw new Error(all);
     await state.save('two\\n');
     await state.append('1\\n');`,
  );
  await tab.reload();
  expect(await run(tab, loaded)).toEqual(['two\n1\n', 'other\n']);
});

test('state and sales may be kept under one name', async () => {
  const context = await openContext();
  const tab = await openTab(context);
  await run(
    tab,
    `window.state = indexedDbStorage('till');
     await state.save('one');
     await outbox('storecast').load();
     await outbox('storecast').append(sale(1));
     await state.save('two');`,
  );
  await tab.reload();
  expect(
    await run(tab, "return [idsOf(await outbox('storecast').load()), await indexedDbStorage('till').load()]"),
  ).toEqual([['S1'], 'two']);
});

test('a till that names no outbox keeps its sales in the database of its store', async () => {
  const tab = await openTab(await openContext());
  const token = `e30.${Buffer.from(JSON.stringify({ storeId: '0417' })).toString('base64url')}.c2ln`;
  await run(
    tab,
    `const client = createStoreClient({ url: 'ws://127.0.0.1:1/', token: '${token}' });
     await client.send(sale(1));
     await client.close();`,
  );
  await tab.reload();
  expect(await run(tab, "return idsOf(await outbox('storecast outbox 127.0.0.1:1 0417').load())")).toEqual([
    'S1',
  ]);
});

test('an outbox keeps messages beside sales, in their order, until they have left', async () => {
  const tab = await openTab(await openContext());
  await run(
    tab,
    `const { messages } = outbox('till');
     await outbox('till').load();
     await messages.load();
     await outbox('till').append(sale(1));
     for (const n of [3, 1, 2]) await messages.append({ messageId: 'M' + n, topic: 't', data: n });
     await messages.remove('M1');`,
  );
  await tab.reload();
  expect(
    await run(
      tab,
      `const sales = idsOf(await outbox('till').load());
       return [sales, (await outbox('till').messages.load()).map(({ messageId }) => messageId)];`,
    ),
  ).toEqual([['S1'], ['M3', 'M2']]);
});
