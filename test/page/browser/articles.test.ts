/** What was sold of each article, with its unit, and times on the stores' clocks beside the reader's. */
import { expect, test } from 'vitest';
import { connect } from '../../contract/store.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test.each(['light', 'dark'] as const)(
  'quantities have their units, and what is timed by stores is told by the reader’s clock, too (%s)',
  async colorScheme => {
    const storeId = unique('store');
    const region = unique('region');
    const identity = { role: 'store', storeId, region, groups: [], timeZone: 'Asia/Tokyo' } as const;
    const store = await connect(system, { token: await system.mintToken(identity) });
    const page = await openPage(browser, system.managementUrl, { colorScheme, timezoneId: 'Europe/Berlin' });
    await page.getByText('Live', { exact: true }).waitFor();
    const [cheese, bread] = [unique('cheese'), unique('bread')];
    const lines = [
      { sku: cheese, quantity: 1.482, unit: 'KGM', unitPrice: 1_299, amount: 1_925 },
      { sku: bread, quantity: 3, unitPrice: 250 },
    ];
    store.send({
      action: 'sales',
      sales: [{ saleId: 's1', soldAt: new Date().toISOString(), currency: 'EUR', total: 2_675, lines }],
    });
    await page.getByText('What was sold in the last 60 minutes').click();
    const article = (sku: string) => page.locator(`[data-sku="${sku}"]`);
    await article(cheese).waitFor();
    expect(await article(cheese).innerText()).toMatch(/1\.482 kg\s+€19\.25/);
    expect(await article(bread).innerText()).toMatch(/3 pieces\s+€7\.50/);

    await system.request('PUT', `stores/${storeId}`, { body: { name: 'Ginza' } });
    const updateId = await system.publish('OfferPublished', {
      updateId: unique('offer'),
      offerId: unique('offer'),
      title: 'Night offer',
      skus: [cheese],
      discount: { percent: 10 },
      validFromLocal: '2031-12-01T06:00',
      validUntilLocal: '2031-12-02T06:00',
      audience: { regions: [region] },
    });
    const update = page.locator(`[data-update="${updateId}"]`);
    await update.waitFor();
    // Six in Tokyo is ten of the evening before in Berlin.
    expect(await update.innerText()).toMatch(
      /from 2031-12-01 06:00 in each store \(here .*30.* (22:00|10:00.PM)\)/,
    );
    const row = page.locator(`.stores [data-store="${storeId}"]`);
    await row.getByText(/\d\d:\d\d( [AP]M)? there/).waitFor();
  },
);
