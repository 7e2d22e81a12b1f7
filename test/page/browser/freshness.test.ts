/** Whether the page is believed to be live is told by what it hears, not by what its socket says. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { connectStore } from '../../contract/store.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { startChain } from './chain.ts';
import { PLOT_PIXELS } from './chart-pixels.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;
const NETWORK = /ERR_|WebSocket|Failed to load resource/;

const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor();
const today = (page: Page) => page.locator('[data-figure="today"]');

function sale(total: number) {
  const lines = [{ sku: 'A', quantity: 1, unitPrice: total }];
  return { saleId: randomUUID(), soldAt: new Date().toISOString(), currency: 'EUR', total, lines };
}

/** A page whose network can be taken away under an open socket, which says nothing of it. */
async function openOnThinIce(): Promise<Page & { silence: () => void; mend: () => void }> {
  let isSilent = false;
  const page = await openPage(browser, 'about:blank', { expected: NETWORK });
  await page.clock.install();
  await page.routeWebSocket(/./, socket => {
    // A new one isn't opened without a network.
    if (isSilent) return void socket.close();
    const chain = socket.connectToServer();
    const pass = (to: { send: (message: string | Buffer) => void }) => (message: string | Buffer) => {
      if (!isSilent) to.send(message);
    };
    socket.onMessage(pass(chain));
    chain.onMessage(pass(socket));
  });
  await page.goto(url);
  await live(page);
  await page.route(/./, route => (isSilent ? route.abort('internetdisconnected') : route.continue()));
  return Object.assign(page, {
    silence: () => {
      isSilent = true;
    },
    mend: () => {
      isSilent = false;
    },
  });
}

test('a line that falls silent is said to be waited for, then cut, with figures that stand still; and comes back', async () => {
  const store = await connectStore(system, { region: 'north' });
  store.send({ action: 'sales', sales: [sale(1_000)] });
  const page = await openOnThinIce();
  await today(page).getByText('€').waitFor();
  await expect.poll(() => page.locator('.line').innerText()).toMatch(/Live · as of \d\d:\d\d:\d\d/);
  page.silence();
  await page.getByText('Waiting', { exact: true }).waitFor();
  expect(await page.locator('.line').innerText()).toMatch(/Waiting \d+ s/);
  await page.getByText('No connection', { exact: true }).waitFor({ timeout: 2 * PATIENCE_MS });
  expect(await page.locator('.line').innerText()).toMatch(/No connection since \d\d:\d\d:\d\d/);
  const frozen = await page.locator('.figures').innerText();
  await page.getByRole('alert').getByText('No connection to storecast').waitFor();
  const paint = await today(page)
    .locator('.value')
    .evaluate(element => element.ownerDocument.defaultView?.getComputedStyle(element).color);
  expect(paint).not.toBe(await page.evaluate<string>('getComputedStyle(document.body).color'));
  expect(await page.locator('.figures').innerText()).toBe(frozen);
  page.mend();
  await page.getByRole('button', { name: 'Try now' }).click();
  await live(page);
  // The line may be heard before the first answer over HTTP.
  await page.locator('.notice').waitFor({ state: 'hidden' });
});

/** Strokes that a level line through this stretch of the chart meets; of lines at several heights, what most of them meet. */
function strokes(page: Page, from: number, to: number): Promise<number> {
  return page.evaluate<number>(`(() => {
    const { width, height, data } = ${PLOT_PIXELS};
    const isDrawn = (x, y) => data[4 * (y * width + x) + 3] > 0;
    const stretch = [...Array(width).keys()].filter(x => x >= ${from} * width && x < ${to} * width);
    const met = [1, 2, 3, 4, 5, 6, 7].map(eighths => {
      const y = Math.round((height * eighths) / 8);
      return stretch.filter(x => isDrawn(x, y) && !isDrawn(x - 1, y)).length;
    });
    return met.sort((a, b) => a - b)[3];
  })()`);
}

test('a device that goes offline is believed at once, though its socket is still open; what it misses is hatched', async () => {
  const store = await connectStore(system, { region: 'north' });
  store.send({ action: 'sales', sales: [sale(1_000)] });
  const page = await openOnThinIce();
  await page.locator('.chart canvas').waitFor();
  page.silence();
  await page.evaluate("dispatchEvent(new Event('offline'))");
  await page.getByText('No connection', { exact: true }).waitFor({ timeout: 12_000 });
  await page.clock.fastForward('30:00');
  // The second half of the hour is not known, and must not look as if nothing had been sold.
  await expect.poll(() => strokes(page, 0.75, 1), { timeout: PATIENCE_MS }).toBeGreaterThan(10);
  expect(await strokes(page, 0, 0.25)).toBe(0);
  page.mend();
  await page.evaluate("dispatchEvent(new Event('online'))");
  await live(page);
  await expect.poll(() => strokes(page, 0.75, 1), { timeout: PATIENCE_MS }).toBeLessThan(10);
});

test('a device that wakes knows that it does not know what happened meanwhile', async () => {
  const page = await openPage(browser, 'about:blank', { expected: NETWORK });
  await page.clock.install();
  await page.goto(url);
  await live(page);
  const asked = page.waitForRequest(/\/sales\/totals/);
  await page.clock.fastForward('30:00');
  await asked;
  await live(page);
});

test('a rollout does not ask for the list of stores with each receipt', async () => {
  const region = unique('region');
  const stores = await Promise.all(Array.from({ length: 4 }, () => connectStore(system, { region })));
  const page = await openPage(browser, url);
  await live(page);
  await page.locator('[data-store]').first().waitFor();
  let lists = 0;
  page.on('request', request => {
    if (/\/stores\?/.test(request.url())) lists += 1;
  });
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 100, currency: 'EUR' }],
    audience: { regions: [region] },
  });
  const update = page.locator(`[data-update="${updateId}"]`);
  await update.getByText(/^0 of 4/).waitFor();
  for (const [index, store] of stores.entries()) {
    store.send({ action: 'applied', updates: [{ id: updateId, appliedAt: new Date().toISOString() }] });
    await update.getByText(new RegExp(`^${index + 1} of ${stores.length}`)).waitFor();
  }
  expect(lists).toBeLessThan(stores.length / 2);
});
