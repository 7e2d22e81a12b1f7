/** axe finds nothing in any state of publishing, light and dark. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage } from './browser.ts';
import { openStore, startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function expectNothing(page: Page, state: string): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate<
    string[]
  >(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
  expect(found, state).toEqual([]);
}

test.each(['light', 'dark'] as const)('in %s colours', async colorScheme => {
  const region = unique('region');
  const store = await openStore(system, region);
  const page = await openPage(browser, system.managementUrl, { colorScheme });
  const dialog = page.getByRole('dialog');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Publish an offer' }).click();
  await dialog.getByText('Conditions').click();
  await expectNothing(page, 'the form of an offer');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Change prices' }).click();
  await dialog.getByLabel('SKU').fill(unique('sku'));
  await dialog.getByRole('textbox', { name: 'Price' }).fill('x');
  await dialog.getByLabel('Some of them').check();
  await dialog.getByLabel('Stores, by id').fill(`${store.storeId} typo`);
  await dialog.getByLabel('From').fill('2027-10-31T02:30');
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByRole('alert').getByText("'x' is not an amount").waitFor();
  await page.keyboard.press('Escape');
  await dialog.getByText('Drop what you filled in?').waitFor();
  await expectNothing(page, 'a form with what is wrong, and the question');
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  await dialog.getByLabel('From').fill('');
  await dialog.getByRole('textbox', { name: 'Price' }).fill('0');
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByText('free of charge').waitFor();
  await expectNothing(page, 'what was checked');
  await dialog.getByLabel('I have looked').check();
  await dialog.getByRole('button', { name: 'Publish to 1 store' }).click();
  await page.getByText('1 of 1 have it').first().waitFor();
  await page
    .getByRole('button', { name: /Store by store/ })
    .first()
    .click();
  await page.getByLabel('has it 1').waitFor();
  await expectNothing(page, 'the board with the stores of an update');
  await page.getByRole('button', { name: 'Change prices' }).click();
  await dialog.getByText('A whole list').click();
  await dialog.locator('textarea').fill('A\t1,99\nB\tx');
  await dialog.getByText('1 good · 1 to mend: row 2').waitFor();
  await expectNothing(page, 'a list');
});
