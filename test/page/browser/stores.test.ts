/** Who runs the chain sees what needs somebody: across all regions, and in one. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { connectStore } from '../../contract/store.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;

const row = (page: Page, storeId: string) => page.locator(`.stores [data-store="${storeId}"]`);
const attention = (page: Page) => page.getByRole('region', { name: /^Needs attention/ });
const euros = async (page: Page, id: string) =>
  Number((await page.locator(`[data-figure="${id}"] .value`).innerText()).replace(/\D/g, ''));

async function openLive(address = url): Promise<Page> {
  const page = await openPage(browser, address);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

function sale(total: number) {
  const lines = [{ sku: 'A', quantity: 1, unitPrice: total }];
  return { saleId: randomUUID(), soldAt: new Date().toISOString(), currency: 'EUR', total, lines };
}

test('a store that refuses a price is told with the reason, above the figures, first in the list, and in the title', async () => {
  const region = unique('region');
  const [fine, refusing] = await Promise.all([
    connectStore(system, { region }),
    connectStore(system, { region }),
  ]);
  const page = await openLive();
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
    audience: { regions: [region] },
  });
  await page
    .locator(`[data-update="${updateId}"]`)
    .getByText(/^0 of 2/)
    .waitFor();
  refusing.send({ action: 'applied', updates: [], rejected: [{ id: updateId, reason: 'unknown_sku' }] });
  fine.send({ action: 'applied', updates: [{ id: updateId, appliedAt: new Date().toISOString() }] });
  const line = attention(page).getByText(`${refusing.storeId} refuses A: €1.99: unknown_sku`, {
    exact: true,
  });
  await line.first().waitFor();
  await expect.poll(() => page.title(), { timeout: PATIENCE_MS }).toMatch(/^\(\d+\) storecast$/);
  expect(await row(page, refusing.storeId).innerText()).toContain('Refuses updates');
  expect(await page.locator('.stores tbody tr').first().getAttribute('data-need')).toBe('refuses');
  await attention(page)
    .getByRole('button', { name: new RegExp(refusing.storeId) })
    .click();
  expect(await page.locator('.stores tbody tr').count()).toBe(1);
});

test('a store that is on the line and answers nothing is found', async () => {
  const region = unique('region');
  const longAgo = new Date(Date.now() - 600_000).toISOString();
  const silent = await connectStore(system, { region });
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
    audience: { regions: [region] },
  });
  const page = await openPage(browser, 'about:blank');
  // Ten minutes later, as far as this page is told.
  await page.route(/\/stores\?/, async route => {
    const response = await route.fetch();
    const { items } = (await response.json()) as { items: object[] };
    await route.fulfill({ response, json: { items: items.map(item => ({ ...item, since: longAgo })) } });
  });
  await page.route(/\/updates\?/, async route => {
    const response = await route.fetch();
    const { items } = (await response.json()) as { items: object[] };
    await route.fulfill({
      response,
      json: { items: items.map(item => ({ ...item, publishedAt: longAgo })) },
    });
  });
  await page.goto(url);
  await page.locator(`[data-update="${updateId}"]`).waitFor();
  await attention(page)
    .getByText(new RegExp(`(${silent.storeId}|\\d+ stores).* no receipts`))
    .first()
    .waitFor();
  expect(await row(page, silent.storeId).innerText()).toContain('Sends no receipts');
});

test('a region in the header filters the whole page and stands in its address', async () => {
  const here = unique('region');
  const there = unique('region');
  const [mine, other] = await Promise.all([
    connectStore(system, { region: here }),
    connectStore(system, { region: there }),
  ]);
  mine.send({ action: 'sales', sales: [sale(1_100)] });
  other.send({ action: 'sales', sales: [sale(2_200)] });
  const page = await openLive();
  await page.getByRole('combobox', { name: 'Region' }).selectOption(here);
  await expect.poll(() => euros(page, 'today'), { timeout: PATIENCE_MS }).toBe(1_100);
  expect(await row(page, other.storeId).count()).toBe(0);
  expect(await page.locator('[data-figure="stores-connected"] .value').innerText()).toBe('1 of 1');
  other.send({ action: 'sales', sales: [sale(2_200)] });
  mine.send({ action: 'sales', sales: [sale(5)] });
  await expect.poll(() => euros(page, 'today'), { timeout: PATIENCE_MS }).toBe(1_105);
  expect(new URL(page.url()).hash).toBe(`#region=${here}`);
  const linked = await openLive(page.url());
  await expect.poll(() => euros(linked, 'today'), { timeout: PATIENCE_MS }).toBe(1_105);
  await linked.getByRole('combobox', { name: 'Region' }).selectOption('');
  await row(linked, other.storeId).waitFor();
});

test('a page that has not heard of any store yet says that it loads, not that there is none', async () => {
  const page = await openPage(browser, 'about:blank');
  let release: () => void = () => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  // A sign-in asks for one of them.
  await page.route(/\/stores\?(?!limit=1$)/, async route => {
    await held;
    await route.continue();
  });
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.locator('[data-figure="stores-connected"]').innerText()).not.toContain('no store');
  await page.getByText('Loading the stores…').waitFor();
  // All else is there.
  await page.locator('[data-update]').first().waitFor();
  const before = await page.getByRole('heading', { name: 'Updates' }).boundingBox();
  release();
  await page.locator('.stores tbody tr').first().waitFor();
  expect(await page.getByRole('heading', { name: 'Updates' }).boundingBox()).toMatchObject({ y: before?.y });
});

test('a thousand stores are a table of some rows, which is sorted by its heads and whose filters count', async () => {
  const page = await openPage(browser, 'about:blank', { viewport: { width: 1_280, height: 900 } });
  const at = '2026-01-01T08:00:00.000Z';
  const items = Array.from({ length: 1_000 }, (_, index) => ({
    storeId: String(index + 1).padStart(4, '0'),
    name: `Store of a town with quite a long name ${index + 1}`,
    region: ['north', 'south'][index % 2],
    groups: ['city', 'mall'],
    connected: index % 10 > 0,
    since: at,
    lastSeenAt: at,
    behind: index % 4,
  }));
  await page.route(/\/stores\?(?!limit=1$)/, route => route.fulfill({ json: { items } }));
  // What articles are called is asked of one of them, which the chain doesn't know.
  await page.route(/\/stores\/\d+\/prices/, route => route.fulfill({ json: { items: [] } }));
  await page.goto(url);
  await page.getByLabel('Offline 100').waitFor();
  const rows = page.locator('.stores tbody tr[data-store]');
  expect(await rows.count()).toBeLessThan(100);
  const heights = await rows.evaluateAll(all => all.map(one => one.clientHeight));
  expect(new Set(heights)).toEqual(new Set([35]));
  expect(await rows.first().getAttribute('data-need')).toBe('offline');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  expect(await rows.first().getAttribute('data-store')).toBe('1000');
  await page
    .getByRole('region', { name: 'Stores, a row each' })
    .last()
    .evaluate(element => {
      element.scrollTop = element.scrollHeight;
    });
  await row(page, '0001').waitFor();
  await page.getByText('Map', { exact: true }).click();
  expect(await page.locator('.cell').count()).toBe(1_000);
  await page.getByRole('button', { name: 'Store of a town with quite a long name 11: Offline' }).click();
  await page.getByRole('dialog', { name: /\(0011\)/ }).waitFor();
});

test('a store opens from its id: what it sold, where it is, and the name that it is given there', async () => {
  const region = unique('region');
  const store = await connectStore(system, { region });
  store.send({ action: 'sales', sales: [sale(1_234)] });
  const prices = [{ sku: 'Bread', amount: 250, currency: 'EUR' }];
  const updateId = await system.publish('PriceChanged', { prices, audience: { regions: [region] } });
  const page = await openLive();
  await page.locator(`[data-update="${updateId}"]`).waitFor();
  await row(page, store.storeId).getByRole('button').click();
  const drawer = page.getByRole('dialog', { name: store.storeId });
  await drawer.getByText('€12.34 · 1 receipt').waitFor();
  expect(await drawer.innerText()).toContain(region);
  await drawer.getByText('Prices in force').click();
  await drawer.locator('[data-sku="Bread"]').getByText('€2.50').waitFor();
  await drawer.getByLabel('Name of the store').fill('Harbour Street');
  await drawer.getByRole('button', { name: 'Save the name' }).click();
  await page.getByRole('dialog', { name: `Harbour Street (${store.storeId})` }).waitFor();
  await page.keyboard.press('Escape');
  await row(page, store.storeId).getByText('Harbour Street').waitFor();
});

test('what was sold is compared with yesterday by product and region, and with what was listed; both lead to the store and its prices', async () => {
  const [region, sku] = [unique('region'), unique('sku')];
  const store = await connectStore(system, { region });
  const { storeId } = store;
  await system.request('PUT', `stores/${storeId}`, { body: { name: 'Harbour Street' } });
  const momentOf = (msAgo: number) => new Date(Date.now() - msAgo).toISOString();
  const publish = (amount: number, msAgo: number) =>
    system.publish('PriceChanged', {
      publishedAt: momentOf(msAgo),
      prices: [{ sku, amount, currency: 'EUR', name: 'Bread roll' }],
      audience: { regions: [region] },
    });
  await publish(250, 5_000);
  await publish(199, 0);
  const prices = async () => {
    const answer = await system.request('GET', `stores/${storeId}/prices?sku=${sku}`);
    return ((await answer.json()) as { items: object[] }).items;
  };
  await expect.poll(prices, { timeout: PATIENCE_MS }).toMatchObject([{ amount: 199, name: 'Bread roll' }]);
  const lines = [{ sku, quantity: 1, unitPrice: 300, listed: 250 }];
  const sold = [600_000, 600_000, 600_000, 600_000 + DAY_MS];
  store.send({
    action: 'sales',
    sales: sold.map(ago => ({ ...sale(300), soldAt: momentOf(ago), lines })),
  });
  await store.next(({ type }) => type === 'sales.accepted');
  const page = await openPage(browser, 'about:blank', { timezoneId: zoneAtNoon() });
  await page.route(/\/drift(\?|$)/, route =>
    route.fulfill({ json: { items: [{ storeId, book: null, expected: 'a', since: momentOf(600_000) }] } }),
  );
  await page.goto(`${url}#region=${region}`);
  await page.locator(`[data-product="${sku}"]`).getByText('+200%').waitFor();
  await page.locator(`[data-product="${sku}"]`).getByText('Bread roll').waitFor();
  expect(await page.locator('[data-product]').allInnerTexts()).toEqual([
    expect.stringMatching(new RegExp(`Bread roll ${sku}\\s+3 pieces\\s+€9.00\\s+\\+200%`)),
  ]);
  expect(await page.locator(`[data-region="${region}"]`).innerText()).toMatch(/€9.00\s+\+200%\s+1 of 1/);
  // Of what other regions have, nothing is shown.
  const elsewhere = await system.publish('PriceChanged', {
    prices: [{ sku, amount: 1, currency: 'EUR' }],
    audience: { regions: ['elsewhere'] },
  });
  await page.getByText(/for other regions (is|are) not shown/).waitFor();
  await page.locator('[data-update]').getByText('Bread roll').first().waitFor();
  expect(await page.locator(`[data-update="${elsewhere}"]`).count()).toBe(0);

  await page.locator('[data-audit="over"]').getByText('3', { exact: true }).waitFor();
  expect(await page.locator('[data-audit="share"]').innerText()).toContain('100%');
  await page.getByText('Articles with the most lines at other prices').click();
  await page.locator(`[data-audited="${sku}"]`).getByText('Bread roll').waitFor();
  const adrift = page.locator(`[data-adrift="${storeId}"]`);
  expect(await adrift.innerText()).toContain('Harbour Street');
  await adrift.getByRole('button', { name: 'Show' }).click();
  const drawer = page.getByRole('dialog', { name: `Harbour Street (${storeId})` });
  await drawer.waitFor();
  await page.keyboard.press('Escape');
  await page
    .locator(`[data-audited="${storeId}"]`)
    .getByRole('button', { name: 'Show Harbour Street' })
    .click();
  await drawer.getByText('1 line').first().click();
  await drawer.getByText('1 piece Bread roll').first().waitFor();
  await drawer.getByText('Prices in force').click();
  await drawer.getByRole('button', { name: 'Bread roll' }).click();
  await drawer.getByRole('img', { name: /^2 prices between €1.99 and €2.50/ }).waitFor();
  expect(await drawer.locator('[data-step]').allInnerTexts()).toEqual([
    expect.stringMatching(/Bread roll.*€1.99\s+€1.99$/),
    expect.stringMatching(/Bread roll.*€2.50\s+€2.50$/),
  ]);
});

const DAY_MS = 86_400_000;

/** One in which it is about noon: ten minutes ago was today. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
