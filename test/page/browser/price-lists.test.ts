/** A price list from a spreadsheet: judged row by row, published whole or not at all. */
import type { Locator, Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { openStore, startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;

async function openForm(): Promise<{ page: Page; dialog: Locator }> {
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Change prices' }).click();
  return { page, dialog: page.getByRole('dialog') };
}

/** As a spreadsheet gives its cells to the clipboard. */
async function paste(page: Page, field: Locator, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+V');
}

test('120 rows are pasted, two are mended where they stand, and all are published together', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const { page, dialog } = await openForm();
  const sku = (index: number) => `${region}-${index}`;
  const rows = Array.from({ length: 120 }, (_, index) => `${sku(index)}\t${index + 1},50\tArticle ${index}`);
  rows[5] = `${sku(5)}\tsix\tArticle 5`;
  rows[9] = `${sku(9)}\t1,999\tArticle 9`;
  await paste(page, dialog.getByLabel('SKU'), ['sku\tamount\tname', ...rows].join('\r\n'));
  await page.locator('textarea:focus').waitFor();
  await dialog.getByText('118 good · 2 to mend: rows 7, 11').waitFor();
  await dialog.getByText("Row 7: 'six' is not an amount").waitFor();
  await dialog.getByLabel('Some of them').check();
  await dialog.getByLabel(region).check();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByText('Mend the rows that are named').waitFor();
  const list = dialog.locator('textarea');
  const text = await list.inputValue();
  await list.fill(text.replace('six', '6').replace('1,999', '1,99'));
  await dialog.getByText('120 good', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByRole('button', { name: 'Show all 120 prices' }).click();
  expect(await dialog.locator('.prices tbody tr').count()).toBe(120);
  await dialog.locator('[aria-disabled=false]', { hasText: 'Publish to 1 store' }).click();
  await page.getByText('published and on the way to 1 store').waitFor();
  await vi.waitFor(() => expect(store.price(sku(119))).toMatchObject({ amount: 12_050 }), PATIENCE_MS);
  expect([store.price(sku(5)), store.price(sku(9))]).toMatchObject([{ amount: 600 }, { amount: 199 }]);
});

test('a dropped file says for whom each price is; a name that no store has is to be mended', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const { page, dialog } = await openForm();
  await page.locator(`[data-store="${store.storeId}"]`).first().waitFor();
  await dialog.getByText('A whole list').click();
  const file = (name: string) => ({
    name: 'prices.csv',
    mimeType: 'text/csv',
    // With the code page of a German Excel.
    buffer: Buffer.from(`sku;amount;currency;name;region\n${region};1.234,50;EUR;Käse;${name}\n`, 'latin1'),
  });
  await dialog.locator('input[type=file]').setInputFiles(file('nowhere'));
  await dialog.getByText('Row 2: no store is in region nowhere').waitFor();
  await dialog.locator('input[type=file]').setInputFiles(file(region));
  await dialog.getByText('1 good', { exact: true }).waitFor();
  await dialog.getByText('The list says for whom each price is').waitFor();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByRole('row', { name: /Käse/ }).waitFor();
  await dialog.locator('[aria-disabled=false]', { hasText: 'Publish to 1 store' }).click();
  await vi.waitFor(() => expect(store.price(region)).toMatchObject({ amount: 123_450 }), PATIENCE_MS);
});
