/** The updates board: where each update stands, and who of its stores has it. */
import { expect, test } from 'vitest';
import { connectStore } from '../../contract/store.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { openStore, startChain } from './chain.ts';
import { tell } from './told-chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test('updates are found by where they stand and by what is in them', async () => {
  const region = unique('region');
  await openStore(system, region);
  const audience = { regions: [region] };
  const price = (sku: string) => ({ prices: [{ sku, amount: 100, currency: 'EUR' }], audience });
  const running = await system.publish('PriceChanged', price('run'));
  const scheduled = await system.publish('PriceChanged', {
    ...price('later'),
    validFrom: '2035-01-01T00:00:00Z',
  });
  const silent = await connectStore(system, { region: unique('region') });
  const spreading = await system.publish('PriceChanged', {
    ...price('slow'),
    audience: { stores: [silent.storeId] },
  });
  const page = await openPage(browser, system.managementUrl);
  const update = (id: string) => page.locator(`[data-update="${id}"]`);
  await update(running).getByText('Running').waitFor();
  await update(spreading).getByText('1 on its way').waitFor();
  const only = async (words: RegExp, id: string) => {
    await page.getByLabel(words).check();
    await update(id).waitFor();
    await expect.poll(() => page.locator('.update').count()).toBe(1);
  };
  await only(/^Scheduled 1/, scheduled);
  await only(/^Running 1/, running);
  await only(/^Not yet everywhere 1/, spreading);
  await page.getByLabel(/^Ended 0/).check();
  await page.getByText('No update fits.').waitFor();
  await page.getByLabel(/^All 3/).check();
  await page.getByLabel('Find updates').fill('later');
  await expect.poll(() => page.locator('.update').count()).toBe(1);
  expect(await update(scheduled).count()).toBe(1);
});

test('the stores of an update are filtered, found by region, and saved as CSV', async () => {
  const [here, there] = [unique('region'), unique('region')];
  const has = await openStore(system, here);
  const hasNot = await connectStore(system, { region: there });
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 100, currency: 'EUR' }],
    audience: { regions: [here, there] },
  });
  const page = await openPage(browser, system.managementUrl);
  const update = page.locator(`[data-update="${updateId}"]`);
  await update.getByText('1 of 2 have it').waitFor();
  await update.getByRole('button', { name: /Store by store/ }).click();
  await update.getByLabel(/^All 2/).waitFor();
  const rows = update.locator('.delivery tbody tr');
  await update.getByLabel('on its way 1').check();
  await expect.poll(() => rows.count()).toBe(1);
  expect(await rows.innerText()).toContain(hasNot.storeId);
  await update.getByLabel(/^All 2/).check();
  await update.getByLabel('Find stores of this update').fill(here);
  await expect.poll(() => rows.count()).toBe(1);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    update.getByRole('button', { name: 'CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`${updateId}.csv`);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const [header, row] = Buffer.concat(chunks).toString('utf8').split('\r\n');
  expect(header).toBe('\uFEFFstore,name,region,state,at,reason');
  expect(row).toMatch(new RegExp(`^${has.storeId},,${here},has it,20\\d\\d-.*Z,$`));
});

test('what waits says why, and a second person approves or refuses it', async () => {
  const page = await openPage(browser, 'about:blank');
  await tell(page, 20);
  const decided: string[] = [];
  await page.route(/\/approval$/, route => {
    decided.push(`${route.request().method()} ${new URL(route.request().url()).pathname}`);
    return route.fulfill({ json: {} });
  });
  await page.goto(system.managementUrl);
  await page.getByText('it reaches 20 stores, more than 10').waitFor();
  await page.getByRole('button', { name: 'Approve and publish held-1' }).click();
  await page.getByRole('button', { name: 'Refuse held-1' }).click();
  await expect
    .poll(() => decided, { timeout: PATIENCE_MS })
    .toEqual(['POST /updates/held-1/approval', 'DELETE /updates/held-1/approval']);
});
