/** Nothing is published unseen: what a form leads to is checked by eye first, and can be put back afterwards. */
import type { Locator, Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { openStore, startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;

/** The form of prices with this one filled in, for a region. */
async function fillPrice(page: Page, sku: string, amount: string, region: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Change prices' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('SKU').fill(sku);
  await dialog.getByRole('textbox', { name: 'Price' }).fill(amount);
  await dialog.getByLabel('Some of them').check();
  await dialog.getByLabel(region).check();
  return dialog;
}

const publishButton = (dialog: Locator, stores: string) =>
  dialog
    .getByRole('button', { name: `Publish to ${stores}`, exact: true })
    .and(dialog.locator('[aria-disabled=false]'));

async function publishPrice(page: Page, sku: string, amount: string, region: string): Promise<void> {
  const dialog = await fillPrice(page, sku, amount, region);
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await publishButton(dialog, '1 store').click();
  await dialog.waitFor({ state: 'detached' });
}

test('Enter, however often, publishes nothing: not from the form, and not from what was checked', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const page = await openPage(browser, url);
  const sent: string[] = [];
  page.on('request', request => sent.push(request.method()));
  const dialog = await fillPrice(page, unique('sku'), '0', region);
  await dialog.getByRole('textbox', { name: 'Price' }).press('Enter');
  await publishButton(dialog, '1 store').waitFor();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Enter');
  await dialog.getByText('free of charge').waitFor();
  expect(sent).not.toContain('POST');
  // What is unusual must be ticked.
  await publishButton(dialog, '1 store').click();
  await dialog.getByText('Tick that you have looked').waitFor();
  expect(await page.evaluate<string>('document.activeElement.type')).toBe('checkbox');
  expect(sent).not.toContain('POST');
  await page.keyboard.press('Space');
  await publishButton(dialog, '1 store').click();
  await page.getByText('published and on the way to 1 store').waitFor();
  expect(sent.filter(method => method === 'POST')).toHaveLength(1);
  expect(store.storeId).toBeTruthy();
});

test('every store is chosen, never taken for granted', async () => {
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Change prices' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('SKU').fill('A');
  await dialog.getByRole('textbox', { name: 'Price' }).fill('1');
  expect(await dialog.getByLabel('Every store').isChecked()).toBe(false);
  await dialog.getByText('It reaches nobody yet').waitFor();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByRole('alert').getByText('Choose for whom').waitFor();
});

test('the price now, the change and what is unusual are seen before; afterwards the old prices are put back', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const sku = unique('sku');
  const page = await openPage(browser, url);
  await publishPrice(page, sku, '2.00', region);
  await vi.waitFor(() => expect(store.price(sku)).toMatchObject({ amount: 200 }), PATIENCE_MS);
  await page.reload();

  const dialog = await fillPrice(page, sku, '0,2', region);
  await dialog.getByRole('button', { name: 'Check…' }).click();
  const row = dialog.getByRole('row', { name: new RegExp(sku) });
  await row.getByText('a large cut').waitFor();
  expect(await row.innerText()).toMatch(/€2\.00\s+€0\.20\s+[-−]90%/);
  await dialog.getByLabel('I have looked at what is marked').check();
  await publishButton(dialog, '1 store').click();
  await vi.waitFor(() => expect(store.price(sku)).toMatchObject({ amount: 20 }), PATIENCE_MS);

  const updateId = await page.locator('.update', { hasText: `${sku}: €0.20` }).getAttribute('data-update');
  const sent = page.waitForRequest(request => request.method() === 'POST');
  await page.getByRole('button', { name: 'Put the old prices back' }).click();
  expect(
    await page
      .getByRole('dialog')
      .getByRole('row', { name: new RegExp(sku) })
      .innerText(),
  ).toMatch(/€0\.20\s+€2\.00/);
  await page.getByRole('button', { name: 'Put them back at 1 store' }).click();
  // As if it had never been published: not the old amount once more.
  const body = { type: 'PriceWithdrawn', detail: { updates: [updateId] } };
  expect((await sent).postDataJSON()).toEqual(body);
  await page.getByText('The old prices are back at 1 store.').waitFor();
  await vi.waitFor(() => expect(store.price(sku)).toMatchObject({ amount: 200 }), PATIENCE_MS);
  await page.locator(`[data-update="${updateId}"]`).getByText('Taken back').waitFor();
  await page
    .locator('.update', { hasText: 'Taken back: a price update' })
    .getByText('1 of 1 have it')
    .waitFor();
  await fillPrice(page, sku, '2.10', region);
  await dialog.getByRole('button', { name: 'Check…' }).click();
  expect(await row.innerText()).toMatch(/€2\.00\s+€2\.10\s+\+5%/);
});

test('ids that no store has are left out unless they are ticked, and the number is one everywhere', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const page = await openPage(browser, url);
  const dialog = await fillPrice(page, unique('sku'), '1', region);
  await dialog.getByLabel('Stores, by id').fill(`${store.storeId} typo-1 typo-2`);
  await dialog.getByText('Reaches 1 store: 1 now.').waitFor();
  await dialog.getByLabel('typo-2').check();
  await dialog.getByText('Reaches 2 stores: 1 now, 1 once connected for the first time').waitFor();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByText('Left out, since no store has these ids: typo-1').waitFor();
  await dialog.getByText('Reaches 2 stores').last().waitFor();
  await publishButton(dialog, '2 stores').click();
  await page.getByText('published and on the way to 2 stores').waitFor();
  await page.getByText('1 of 2 have it').first().waitFor();
});
