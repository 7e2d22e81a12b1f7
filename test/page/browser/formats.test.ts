/** One currency and one clock for the whole page. */
import { expect, test } from 'vitest';
import { connectStore } from '../../contract/store.ts';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test('the currency is chosen once, for the figures and the chart; the clock is the locale’s', async () => {
  const store = await connectStore(system, { region: 'north' });
  const soldAt = new Date().toISOString();
  const sale = (saleId: string, currency: string) => ({
    ...{ saleId, soldAt, currency, total: 250 },
    lines: [{ sku: 'A', quantity: 1, unitPrice: 250 }],
  });
  store.send({ action: 'sales', sales: [sale('a', 'EUR'), sale('b', 'EUR'), sale('c', 'CHF')] });
  const page = await openPage(browser, system.managementUrl, { locale: 'en-US' });
  const today = page.locator('[data-figure="today"] .value');
  await today.getByText('€5.00').waitFor();
  const choice = page.getByRole('group', { name: 'Currency of all figures' });
  expect(await page.getByRole('group', { name: /Currency/ }).count()).toBe(1);
  await choice.getByText('CHF').click();
  await today.getByText(/CHF\s2\.50/).waitFor();
  await page.getByText(/as a table/).click();
  await page.getByRole('row', { name: /CHF\s2\.50/ }).waitFor();
  expect(await page.locator('details tbody').first().innerText()).toMatch(/\d\d:\d\d [AP]M/);
});
