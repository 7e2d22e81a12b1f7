/** A price list from a spreadsheet: judged row by row, published whole or not at all, at once or in waves. */
import type { Locator, Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { RejectUpdate } from '../../../client/node.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { openStore, startChain } from './chain.ts';

const { system, clock } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;

async function openForm(): Promise<{ page: Page; dialog: Locator }> {
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Change prices' }).click();
  return { page, dialog: page.getByRole('dialog') };
}

/** As a spreadsheet gives its cells to the clipboard. */
async function copy(page: Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
}

test('by mouse alone 120 rows go from a clipboard to every store: staged, halted, resumed, to all, and taken back', async () => {
  let refuses = false;
  const apply = () => {
    if (refuses) throw new RejectUpdate('unknown_sku');
  };
  const region = unique('region');
  const open = () => openStore(system, region, unique('store'), { apply });
  const stores = [await open(), await open(), await open()];
  const sku = (index: number) => `${region}-${index}`;
  const amounts = (index: number) => stores.map(store => store.price(sku(index))?.amount);
  await system.publish('PriceChanged', { prices: [{ sku: sku(0), amount: 100, currency: 'EUR' }] });
  await vi.waitFor(() => expect(amounts(0)).toEqual([100, 100, 100]), PATIENCE_MS);
  refuses = true;

  const { page, dialog } = await openForm();
  const asked = { rollouts: 0, audit: 0, drift: 0 };
  page.on('request', request => {
    const [, name] = /\/(rollouts|audit|drift)(?:\?|$)/.exec(request.url()) ?? [];
    if (name !== undefined) asked[name as keyof typeof asked] += 1;
  });
  await page.evaluate("addEventListener('keydown', () => document.body.dataset.typed = 'yes', true)");
  const rows = Array.from({ length: 120 }, (_, index) => `${sku(index)}\t${index + 1},50\tArticle ${index}`);
  const list = (...all: string[]) => ['sku\tamount\tname', ...all].join('\r\n');
  const paste = async (text: string) => {
    await copy(page, text);
    await dialog.getByRole('button', { name: 'Paste what was copied' }).click();
  };
  await dialog.getByText('A whole list').click();
  await paste(list(...rows.with(5, `${sku(5)}\tsix\tArticle 5`).with(9, `${sku(9)}\t1,999\tArticle 9`)));
  await dialog.getByText('118 good · 2 to mend: rows 7, 11').waitFor();
  await dialog.getByText("Row 7: 'six' is not an amount").waitFor();
  for (const name of ['Every store (3 stores)', 'In waves', '1 store', 'all'])
    await dialog.getByLabel(name, { exact: true }).check();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByText('Mend the rows that are named').waitFor();
  await paste(list(...rows.with(5, `${sku(5)}\t6\tArticle 5`)));
  await dialog.getByText('120 good', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  expect(await dialog.getByRole('row', { name: /Article 0/ }).innerText()).toMatch(/€1\.00\s+€1\.50\s+\+50%/);
  await dialog.getByText('first to 1 store, then to all.').waitFor();
  await dialog.getByRole('button', { name: 'Show all 120 prices' }).click();
  expect(await dialog.locator('.prices tbody tr').count()).toBe(120);
  await dialog.locator('[aria-disabled=false]', { hasText: 'Publish to 3 stores in waves' }).click();
  await page.getByText('The prices are going out to 3 stores in waves.').waitFor();

  const staged = page.locator('[data-staged]');
  const button = (name: string | RegExp) => staged.getByRole('button', { name });
  await staged.getByText('0 of 1 have it, 1 refuse it').waitFor({ timeout: 2 * PATIENCE_MS });
  expect(await staged.locator('.wave').count()).toBe(2);
  await staged.getByRole('heading', { name: /€1\.50/ }).waitFor();
  await button(/^Pause/).click();
  await staged.getByText('Paused').waitFor();
  await button(/^Go on/).click();
  await staged.getByText('Going out').waitFor();
  clock.advance(61_000);
  await staged.getByText('Halted').waitFor({ timeout: 2 * PATIENCE_MS });
  await page.getByText(/The rollout of .*€1\.50.* halted .*1 of 1 stores \(100 %\) refused it/).waitFor();
  refuses = false;
  await button(/^Go on/).click();
  await staged.getByText('Going out').waitFor();
  await button(/^Next wave now/).click();
  await staged.getByText('3 of 3 have it').waitFor({ timeout: 2 * PATIENCE_MS });
  expect([0, 5, 9, 119].map(amounts)).toEqual([150, 600, 1_050, 12_050].map(each => [each, each, each]));

  await button(/^Take back…/).click();
  await button('Leave it').click();
  await page.getByRole('button', { name: 'Put the old prices back' }).click();
  expect(await dialog.getByRole('row', { name: /Article 0/ }).innerText()).toMatch(/€1\.50\s+€1\.00/);
  await dialog.getByRole('button', { name: 'Put them back at 3 stores' }).click();
  await page.getByText('The waves have stopped').waitFor();
  await staged.getByText('Taken back').waitFor();
  await vi.waitFor(() => expect(amounts(0)).toEqual([100, 100, 100]), PATIENCE_MS);
  await vi.waitFor(() => expect(amounts(119)).toEqual([undefined, undefined, undefined]), PATIENCE_MS);
  expect(await page.evaluate<string | undefined>('document.body.dataset.typed')).toBeUndefined();
  // The day's audit has a line for each store: a rollout that moves is no reason to read it.
  expect(asked.rollouts).toBeGreaterThan(asked.audit);
  expect(asked.rollouts).toBeGreaterThan(asked.drift);
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
