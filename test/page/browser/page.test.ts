/** What management sees: the page in a real browser, on the chain that `npm start` runs, with stores that sell. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { connectStore } from '../../contract/store.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { openStore, startChain } from './chain.ts';
import { contrast, luminance } from './contrast.ts';

const chain = await startChain();
const { system } = chain;
const browser = await openBrowser();
const url = system.managementUrl;

/** The issue's own bound for a sale; everything else may take its time on a busy machine. */
const LIVE_MS = 2_000;

const PHONE = { width: 390, height: 844 };

async function openLivePage(options: Parameters<typeof openPage>[2] = {}): Promise<Page> {
  const page = await openPage(browser, url, options);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

function sale(total: number) {
  return {
    saleId: randomUUID(),
    soldAt: new Date().toISOString(),
    currency: 'EUR',
    total,
    lines: [{ sku: 'A', quantity: 1, unitPrice: total }],
  };
}

const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`);
const storeRow = (page: Page, storeId: string) => page.locator(`.stores [data-store="${storeId}"]`);

/** `€1,234.56` as minor units. */
async function euros(page: Page, name: string): Promise<number> {
  return Number((await figure(page, name).locator('.value').innerText()).replace(/\D/g, ''));
}

test('a sale that a store makes is in the figures, the chart and its row within two seconds', async () => {
  const store = await connectStore(system, { region: 'north' });
  const page = await openLivePage();
  store.send({ action: 'sales', sales: [sale(100)] });
  await figure(page, 'today').getByText('€').waitFor();
  // By now the Lambdas on the way are warm, as they are in a chain that sells.
  await storeRow(page, store.storeId)
    .getByText(/^\d\d:\d\d$/)
    .waitFor();
  const before = await euros(page, 'today');
  const chart = page.getByRole('img', { name: /^Revenue of each of the last 60 minutes/ });
  const drawn = await chart.getAttribute('aria-label');
  store.send({ action: 'sales', sales: [sale(1_234)] });
  await expect.poll(() => euros(page, 'today'), { timeout: LIVE_MS, interval: 50 }).toBe(before + 1_234);
  expect(await chart.getAttribute('aria-label')).not.toBe(drawn);
  expect(await page.locator('.chart canvas').count()).toBe(1);
  await page.getByText('The last 15 of them as a table').click();
  expect(await page.locator('details tbody').first().innerText()).toMatch(/€\d+\.\d\d/);
});

test('the stores are listed with region, since when, and what they have not got; one that drops is offline', async () => {
  const region = unique('region');
  const store = await connectStore(system, { region });
  const page = await openLivePage();
  const row = storeRow(page, store.storeId);
  await expect.poll(() => row.innerText(), { timeout: PATIENCE_MS }).toMatch(/connected since \d\d:\d\d/);
  expect(await row.innerText()).toContain(region);
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 100, currency: 'EUR' }],
    audience: { regions: [region] },
  });
  const update = page.locator(`[data-update="${updateId}"]`);
  await update.getByText('1 on its way').waitFor();
  await expect.poll(() => row.locator('.behind').innerText(), { timeout: PATIENCE_MS }).toBe('1');
  // Online, and without the latest.
  expect(await page.locator(`[data-region="${region}"]`).innerText()).toMatch(/1 of 1\s+1$/);
  await store.cut();
  await expect.poll(() => row.innerText(), { timeout: PATIENCE_MS }).toMatch(/offline since \d\d:\d\d/);
  await page
    .getByText(new RegExp(`^${region}: ${store.storeId} is offline since \\d\\d:\\d\\d$`))
    .first()
    .waitFor();
  await update.getByText('1 offline').waitFor();
  await update.getByRole('button', { name: /Store by store/ }).click();
  await update.getByRole('row', { name: new RegExp(`${store.storeId} .*offline`) }).waitFor();
});

test('the list finds stores by region and shows alone those that are offline', async () => {
  const region = unique('region');
  const here = await connectStore(system, { region });
  const gone = await connectStore(system, { region });
  await gone.cut();
  const page = await openLivePage();
  await page.getByRole('searchbox', { name: 'Find stores by id' }).fill(region);
  await expect.poll(() => page.locator('.stores tbody tr').count(), { timeout: PATIENCE_MS }).toBe(2);
  await page.getByLabel('Offline').check();
  await expect.poll(() => page.locator('.stores tbody tr').count(), { timeout: PATIENCE_MS }).toBe(1);
  expect(await storeRow(page, gone.storeId).count()).toBe(1);
  await page.getByRole('searchbox', { name: 'Find stores by id' }).fill(here.storeId);
  await page.getByText('No store fits.').waitFor();
});

test('a chain that is away is said to be; when it is back the page is live again, with what happened meanwhile', async () => {
  const region = unique('region');
  const page = await openLivePage({ expected: /ERR_(CONNECTION|EMPTY)|WebSocket|status of 50[03]/ });
  await chain.restart(async () => {
    await page.getByText('No connection', { exact: true }).waitFor();
    await page.getByRole('alert').getByText('No connection to storecast').waitFor();
  });
  const store = await openStore(system, region);
  await page.getByText('Live', { exact: true }).waitFor();
  await storeRow(page, store.storeId)
    .getByText(/connected since/)
    .waitFor();
  await vi.waitFor(async () => expect(await page.locator('.notice').isHidden()).toBe(true), PATIENCE_MS);
});

test.each(['light', 'dark'] as const)(
  'in %s colours every text stands out from its ground',
  async colorScheme => {
    await connectStore(system, { region: 'north' });
    const page = await openLivePage({ colorScheme });
    await page.locator('.stores tbody tr').first().waitFor();
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(luminance(ground) > 0.5).toBe(colorScheme === 'light');
    const faint = (await page.evaluate<[string, string, string][]>(TEXT_COLORS)).filter(
      ([, text, behind]) => contrast(text, behind) < 4.5,
    );
    expect(faint).toEqual([]);
  },
);

test('on a phone nothing is wider than the screen, and the updates come before the long list of stores', async () => {
  await connectStore(system, { region: 'a-region-with-a-long-name' });
  const page = await openLivePage({ viewport: PHONE });
  await page.locator('.stores tbody tr').first().waitFor();
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(PHONE.width);
  const top = async (name: string) =>
    (await page.getByRole('heading', { name, exact: true }).boundingBox())?.y ?? 0;
  expect(await top('Updates')).toBeLessThan(await top('Stores'));
});

test('a browser without a language of its own shows the page too', async () => {
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.close();
});

/** Of every element with text of its own: who it is, its colour, and that of the ground that it stands on. */
const TEXT_COLORS = `[...document.querySelectorAll('#page *')]
  .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== ''))
  .filter(element => element.checkVisibility() && !element.closest('.unseen, .skip, [disabled]'))
  .map(element => {
    let ground = element;
    while (ground.parentElement && /, 0\\)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    return [element.outerHTML.slice(0, 80), getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
  })`;
