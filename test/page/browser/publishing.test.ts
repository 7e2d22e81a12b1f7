/** What management does on the page: sign in, publish, withdraw; by mouse, and by keyboard alone. */
import type { Locator, Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { openStore, startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;

/** Goes from the form to what was checked, and publishes that. */
async function publishTo(dialog: Locator, stores: string): Promise<void> {
  await dialog.getByRole('button', { name: 'Check…' }).click();
  const publish = dialog.getByRole('button', { name: `Publish to ${stores}`, exact: true });
  await publish.and(dialog.locator('[aria-disabled=false]')).click();
}

/** An hour from now as an input of type `datetime-local` takes it, in the page's time zone. */
async function inAnHour(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const at = new Date(Date.now() + 3_600_000);
    return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  })()`);
}

test('a price is published to whom the preview counted, lands in the stores, and its bar reaches all of them', async () => {
  const region = unique('region');
  const [first, second] = [await openStore(system, region), await openStore(system, region)];
  await openStore(system, unique('other'));
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Change prices' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change prices' });
  await dialog.getByLabel('SKU').fill('4006381333931');
  await dialog.getByRole('textbox', { name: 'Price' }).fill('1.99');
  await dialog.getByLabel('Some of them').check();
  await dialog.getByText('It reaches nobody yet').waitFor();
  await dialog.getByLabel(region).check();
  await dialog.getByText('Reaches 2 stores: 2 now.').waitFor();
  await publishTo(dialog, '2 stores');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('on the way to 2 stores').waitFor();
  const update = page.locator('.update', { hasText: '4006381333931: €1.99' });
  await update.getByText('2 of 2 have it').waitFor();
  for (const store of [first, second]) {
    expect(store.price('4006381333931')).toMatchObject({ amount: 199, currency: 'EUR' });
  }
});

test('an offer is published and withdrawn again', async () => {
  const region = unique('region');
  const offerId = unique('offer');
  const store = await openStore(system, region);
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Publish an offer' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Weekend coffee');
  await dialog.getByLabel('Id of the offer').fill(offerId);
  await dialog.getByLabel('SKUs').fill('A, B');
  await dialog.getByLabel('Discount in percent').fill('20');
  await dialog.getByLabel('Until').fill(await inAnHour(page));
  await dialog.getByLabel('Some of them').check();
  await dialog.getByLabel('Stores, by id').fill(`${store.storeId} ${unique('never-seen')}`);
  await dialog.getByText('Reaches 1 store: 1 now.').waitFor();
  await dialog.getByLabel('never-seen').check();
  await dialog
    .getByText(/Reaches 2 stores: 1 now, 1 once connected for the first time \(never-seen/)
    .waitFor();
  await publishTo(dialog, '2 stores');
  const update = page.locator('.update', { hasText: 'Weekend coffee, -20%' });
  await update.getByText('1 of 2 have it').waitFor();
  expect(store.offers()).toMatchObject([{ offerId, skus: ['A', 'B'], discount: { percent: 20 } }]);

  await update.getByRole('button', { name: /^Withdraw/ }).click();
  await page.getByRole('dialog').getByText('Reaches 2 stores').waitFor();
  await page.getByRole('button', { name: 'Withdraw from 2 stores' }).click();
  await page.locator('.update', { hasText: `Withdrawn: ${offerId}` }).waitFor();
  await vi.waitFor(() => expect(store.offers()).toEqual([]), PATIENCE_MS);
  await update.getByRole('button', { name: /^Withdraw/ }).waitFor({ state: 'detached' });
});

test('3 for 2 is published in the words of a price tag, by each store’s own clock', async () => {
  const store = await openStore(system, unique('region'));
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Publish an offer' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Tea');
  await dialog.getByLabel('Id of the offer').fill(unique('offer'));
  await dialog.getByLabel('SKUs').fill('A');
  await dialog.getByLabel('What it gives').selectOption('free');
  await dialog.getByText('Conditions').click();
  await dialog.getByLabel('For members alone').check();
  await dialog.getByLabel('Until').fill('2035-01-01T20:00');
  await dialog.getByLabel('By each store’s own clock').check();
  await dialog.getByRole('status').getByText('3 for 2, for members').waitFor();
  await dialog.getByLabel('Some of them').check();
  await dialog.getByLabel('Stores, by id').fill(store.storeId);
  await publishTo(dialog, '1 store');
  const update = page.locator('.update', { hasText: 'Tea, 3 for 2' });
  await update.getByText('1 of 1 have it').waitFor();
  await update.getByText('until 2035-01-01 20:00 in each store').waitFor();
  expect(store.offers()).toMatchObject([
    { buy: { quantity: 2, get: 1 }, member: true, validUntilLocal: '2035-01-01T20:00' },
  ]);
});

test.each<[string, string, string, RegExp]>([
  ['no SKU', '', '', /Enter a SKU/],
  ['no amount', 'A', '', /Enter an amount/],
  ['an amount in words', 'A', 'two', /'two' is not an amount/],
  ['a tenth of a cent', 'A', '1.999', /more than the 2 decimal places of EUR/],
  ['a SKU with a blank', 'A 1', '1', /The SKU must be/],
])('a price with %s is not published, and the form says why', async (_, sku, amount, reason) => {
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Change prices' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('SKU').fill(sku);
  await dialog.getByRole('textbox', { name: 'Price' }).fill(amount);
  await dialog.getByLabel('Every store').check();
  await dialog.getByRole('button', { name: 'Check…' }).click();
  await dialog.getByRole('alert').getByText(reason).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('by keyboard alone everything is reached, and a price is published in waves and taken back', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const page = await openPage(browser, url);
  await page.locator(`[data-store="${store.storeId}"]`).waitFor();
  const { keyboard } = page;
  const reached: string[] = [];
  /** What has the focus before each press. */
  const lost: string[] = [];
  const tabTo = async (name: RegExp): Promise<void> => {
    if (reached.length > 0) lost.push(await page.evaluate<string>('document.activeElement.tagName'));
    for (let presses = 0; presses < 60; presses += 1) {
      await keyboard.press('Tab');
      const focused = await page.evaluate<string>(FOCUSED);
      reached.push(focused);
      if (name.test(focused)) return;
    }
    throw new Error(`Tab does not get to ${name}, only to: ${reached.join(' | ')}`);
  };
  await tabTo(/^Skip to the figures/);
  await tabTo(/^Change prices/);
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(/^SKU/);
  await keyboard.type('K1');
  await tabTo(/^Price/);
  await keyboard.type('2.50');
  await tabTo(/^Every store/);
  await keyboard.press('ArrowDown');
  await tabTo(new RegExp(`^${region}`));
  await keyboard.press('Space');
  await tabTo(/^To all of them at once/);
  await keyboard.press('Escape');
  await page.locator('button:focus', { hasText: 'Keep editing' }).waitFor();
  await keyboard.press('Enter');
  await tabTo(/^To all of them at once/);
  await keyboard.press('ArrowDown');
  await tabTo(/^10 stores/);
  await keyboard.press('ArrowUp');
  await tabTo(/^Check/);
  await keyboard.press('Enter');
  await page.locator('h3:focus', { hasText: 'Is it this?' }).waitFor();
  await page.getByText('At once.').waitFor();
  await tabTo(/^Publish to 1 store in waves/);
  await page.locator(':focus[aria-disabled=false]').waitFor();
  await keyboard.press('Enter');
  await page.getByRole('status').getByText('The prices are going out to 1 store in waves.').waitFor();
  expect(await page.evaluate<string>(FOCUSED)).toMatch(/^Change prices/);
  const staged = page.getByRole('region', { name: 'In waves, and waiting' });
  await staged.getByText('1 of 1 have it').first().waitFor();
  await tabTo(/^Pause K1: €2.50/);
  await keyboard.press('Enter');
  await staged.getByText('Paused').waitFor();
  await tabTo(/^Go on K1: €2.50/);
  await keyboard.press('Enter');
  await staged.getByText('Going out').waitFor();
  await tabTo(/^Next wave now K1: €2.50/);
  await keyboard.press('Enter');
  await page.locator('.update', { hasText: 'K1: €2.50' }).getByText('1 of 1 have it').nth(1).waitFor();
  await tabTo(/^Take back… K1: €2.50/);
  await keyboard.press('Enter');
  await tabTo(/^Leave it/);
  await keyboard.press('Enter');
  await tabTo(/^Put the old prices back/);
  await keyboard.press('Enter');
  await tabTo(/^Put them back at 1 store/);
  await keyboard.press('Enter');
  await staged.getByText('Taken back').waitFor();
  await vi.waitFor(() => expect(store.price('K1')).toBeUndefined(), PATIENCE_MS);
  expect(lost).not.toContain('BODY');
  await tabTo(/^Store by store of K1/);
  await keyboard.press('Enter');
  await page.getByRole('row', { name: new RegExp(`${store.storeId} .*has it`) }).waitFor();
  for (const name of [/^Sign out/, /^Publish an offer/, /^Find stores/, /^All/]) await tabTo(name);
});

/** What a screen reader would about call the element that has the focus. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return label.trim();
})()`;

test('a chain without stores says what to do', async () => {
  const page = await openPage(browser, url);
  await page.getByRole('searchbox', { name: 'Find stores by id' }).fill('nothing is called so');
  await page.getByText(/No store (fits|was ever connected)/).waitFor();
});
