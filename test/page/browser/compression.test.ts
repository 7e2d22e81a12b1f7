/** What the page takes on the wire, and how soon it shows something. */
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test('the script comes compressed, in less than 60 KB', async () => {
  const page = await openPage(browser, 'about:blank');
  const answer = page.waitForResponse(/\/assets\/page-.*\.js$/);
  await page.goto(system.managementUrl);
  const response = await answer;
  expect(await response.headerValue('content-encoding')).toMatch(/^(br|gzip)$/);
  await page.getByText('Live', { exact: true }).waitFor();
  const { responseBodySize } = await response.request().sizes();
  expect(responseBodySize).toBeGreaterThan(10_000);
  expect(responseBodySize).toBeLessThan(60_000);
});
