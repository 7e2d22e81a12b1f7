/** Did it work? An hour, a day or a week beside the one before, and what was published meanwhile. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { connectStore } from '../../contract/store.ts';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test('the chart shows hour, day and week, says what is under the cursor and what was published, and zooms', async () => {
  const store = await connectStore(system, { region: 'north' });
  const lines = [{ sku: 'A', quantity: 1, unitPrice: 1_234 }];
  const soldAt = new Date().toISOString();
  store.send({
    action: 'sales',
    sales: [{ saleId: randomUUID(), soldAt, currency: 'EUR', total: 1_234, lines }],
  });
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'Milk', amount: 119, currency: 'EUR' }],
  });
  const page = await openPage(browser, system.managementUrl);
  await page.locator(`[data-update="${updateId}"]`).getByText(/Milk/).first().waitFor();
  const chart = page.locator('.chart');
  await page.getByRole('img', { name: /^Revenue of each of the last 60 minutes: 1 receipts/ }).waitFor();
  const box = await chart.locator('.u-over').boundingBox();
  if (box === null) throw new Error('there is no chart');
  const { x, y, width } = box;
  await page.mouse.move(x + width - 5, y + 60);
  await chart.getByText('Milk: €1.19').waitFor();
  await page.mouse.move(x + width * 0.4, y + 60);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.7, y + 60, { steps: 5 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Show the whole time' }).click();
  for (const [span, words] of [
    ['Day', 'each quarter of an hour of today'],
    ['Week', 'each of the last seven days'],
  ]) {
    await page.getByText(span ?? '', { exact: true }).click();
    await page.getByRole('img', { name: new RegExp(`^Revenue of ${words}: 1 receipts`) }).waitFor();
  }
  await page.getByText(/of them as a table/).click();
  const rows = page.locator('.share-table', { hasText: 'Week before' }).locator('tbody tr');
  await rows.first().waitFor();
  expect(await rows.count()).toBe(7);
  expect(await rows.first().innerText()).toContain('€12.34');
});
