/** What the page takes on the wire, and how soon it shows something. */
import type { Response } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test('the scripts that show the page come compressed, in less than 60 KB', async () => {
  const page = await openPage(browser, 'about:blank');
  const scripts: Response[] = [];
  page.on('response', response => {
    // What is opened by hand, and what publishes, comes after the figures.
    if (/\/assets\/(?!later-parts-)[^/]*\.js$/.test(response.url())) scripts.push(response);
  });
  const later = page.waitForResponse(/\/assets\/later-parts-/);
  await page.goto(system.managementUrl);
  await page.getByText('Live', { exact: true }).waitFor();
  await later;
  let bytes = 0;
  for (const response of scripts) {
    expect(await response.headerValue('content-encoding')).toMatch(/^(br|gzip)$/);
    bytes += (await response.request().sizes()).responseBodySize;
  }
  expect(scripts.length).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(60 * 1_024);
});
