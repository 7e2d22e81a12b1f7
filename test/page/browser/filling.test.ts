/** Filling in a form: nothing is lost by a slip, what is wrong stands at its field, and times are what they are read as. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;

async function openForm(options: Parameters<typeof openPage>[2] = {}) {
  const page = await openPage(browser, url, options);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change prices' }).click();
  return { page, dialog: page.getByRole('dialog') };
}

const focused = (page: Page) => page.evaluate<string>('document.activeElement.tagName');

test('Escape, however often, asks before it drops what was filled in; an empty form it closes', async () => {
  const { page, dialog } = await openForm();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Change prices');
  await page.keyboard.press('Enter');
  await dialog.getByLabel('SKU').fill('A');
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Escape');
  await dialog.getByText('Drop what you filled in?').waitFor();
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  expect(await dialog.getByLabel('SKU').inputValue()).toBe('A');
  expect(await focused(page)).toBe('INPUT');
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Drop it' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('button:focus', { hasText: 'Change prices' }).waitFor();
});

test('what is wrong stands at its field, quoted as it was typed, and has the focus', async () => {
  const { page, dialog } = await openForm();
  await dialog.getByLabel('SKU').fill('A');
  const price = dialog.getByRole('textbox', { name: 'Price' });
  await price.fill('1,999');
  await dialog.getByLabel('Every store').check();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.locator('input[name="prices.0.amount"][aria-invalid=true]:focus').waitFor();
  const told = await price.evaluate(input =>
    (input as unknown as { ariaDescribedByElements: { textContent: string }[] }).ariaDescribedByElements
      .map(({ textContent }) => textContent)
      .join(),
  );
  expect(told).toMatch(/'1,999' has more than the 2 decimal places of EUR/);
  expect(await dialog.locator('[aria-invalid=true]').count()).toBe(1);
  await price.fill('1,99');
  expect(await dialog.locator('[aria-invalid=true]').count()).toBe(0);
  expect(await focused(page)).toBe('INPUT');
});

test('an hour that the clock skips or reads twice is asked about, and a start in the past is said', async () => {
  const { dialog } = await openForm();
  await dialog.getByLabel('SKU').fill('A');
  await dialog.getByRole('textbox', { name: 'Price' }).fill('1');
  await dialog.getByLabel('Every store').check();
  const from = dialog.getByLabel('From');
  const check = dialog.getByRole('button', { name: 'Check…' });
  await from.fill('2020-01-01T06:00');
  await dialog.getByText('already past: it takes effect at once').waitFor();
  await from.fill('2027-03-28T02:30');
  await check.click();
  await dialog.getByRole('alert').getByText('No clock here reads 02:30 on 2027-03-28').waitFor();
  await from.fill('2027-10-31T02:30');
  await check.click();
  await dialog.getByRole('alert').getByText('reads 02:30 twice on 2027-10-31').waitFor();
  await dialog.getByLabel('The second (GMT+1)').check();
  await check.click();
  await dialog.getByText(/From 31 Oct 2027, 02:30 GMT\+1/).waitFor();
});

test('the zone has the offset of the date, and follows the device’s zone under the open page', async () => {
  const { page, dialog } = await openForm({ timezoneId: null });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setTimezoneOverride', { timezoneId: 'Europe/Berlin' });
  await dialog.getByLabel('From').fill('2027-07-01T06:00');
  await dialog.getByLabel('not by Europe/Berlin (GMT+2)').waitFor();
  await devtools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
  await dialog.getByLabel('not by Asia/Tokyo (GMT+9)').waitFor();
  await page.locator('.zone').getByText('Asia/Tokyo (GMT+9)').waitFor();
});

test('at 400 % the dialog is read and left by scrolling one way alone', async () => {
  const { page, dialog } = await openForm({ viewport: { width: 320, height: 256 } });
  const check = dialog.getByRole('button', { name: 'Check…' });
  await check.scrollIntoViewIfNeeded();
  const box = await check.boundingBox();
  expect(box !== null && box.y >= 0 && box.y + box.height <= 256).toBe(true);
  const widths = await page.evaluate<number[]>(
    "[document.documentElement.scrollWidth, document.querySelector('dialog').scrollWidth - document.querySelector('dialog').clientWidth]",
  );
  expect(widths).toEqual([320, 0]);
});

test('what a finger is to hit is 44 pixels high', async () => {
  const { page, dialog } = await openForm({
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  await dialog.getByLabel('Some of them').check();
  const small = await page.evaluate<string[]>(`[...document.querySelectorAll(
    'button, select, summary, input:not([type=radio], [type=checkbox]), label:has(input), .choice span'
  )].filter(element => element.checkVisibility() && element.getBoundingClientRect().height < 44 && !element.closest('.choice label') )
    .map(element => element.outerHTML.slice(0, 80))`);
  expect(small).toEqual([]);
});

test('in forced colours the chosen tab is told from the others', async () => {
  const page = await openPage(browser, url, { forcedColors: 'active' });
  await page.locator('.choice').first().waitFor();
  const grounds = await page.evaluate<string[]>(
    "[...document.querySelectorAll('.choice')].flatMap(choice => [...new Set([...choice.querySelectorAll('span')].map(span => getComputedStyle(span).backgroundColor))].length > 1 ? [] : [choice.outerHTML])",
  );
  expect(grounds).toEqual([]);
});
