/** The states that the page can be in, each reached from the one before. What looks at all of them walks along. */
import type { Locator, Page, WebSocketRoute } from 'playwright-core';
import { tell } from './told-chain.ts';

export type State = [name: string, reach: (page: Page, dialog: Locator) => Promise<void>];

/** The page of a chain with so many stores, then its dialogs, then what isn't there. */
export function statesOf(stores: number): State[] {
  const lines: WebSocketRoute[] = [];
  let isCut = false;
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const close = async (page: Page, dialog: Locator) => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  const reopen = async (page: Page) => {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await tell(page, stores);
  };
  return [
    [
      'the chain, with a rollout that halted and an update that waits',
      async page => {
        await reopen(page);
        await page.routeWebSocket(/./, line => {
          lines.push(line);
          if (isCut) void line.close();
          else line.connectToServer();
        });
        await page.reload();
        await page.getByText('Live', { exact: true }).waitFor();
        await page.getByText('Waits for a second person').waitFor();
        await page.getByText(/The rollout of .* halted/).waitFor();
        await page.locator('.stores tbody tr').first().waitFor();
      },
    ],
    [
      'drilled down: an update store by store, a rollout that is to be taken back',
      async page => {
        await button(page, /^Store by store/);
        await page.getByLabel(/^All /).last().waitFor();
        await button(page, /^Take back…/);
      },
    ],
    [
      'a day as a table, and what was sold',
      async page => {
        await page.getByText('Day', { exact: true }).click();
        await page.getByText(/as a table/).click();
        await page.getByText(/^What was sold/).click();
        await page.locator('[data-sku]').first().waitFor();
      },
    ],
    [
      'the map of the stores',
      async page => {
        await page.getByText('Map', { exact: true }).click();
        await page.locator('.cell').first().waitFor();
      },
    ],
    [
      'the drawer of a store',
      async (page, dialog) => {
        await page.locator('.cell').first().click();
        await dialog.getByText('Prices in force').click();
        await dialog.locator('[data-sku]').first().waitFor();
      },
    ],
    [
      'the form of an offer, in waves',
      async (page, dialog) => {
        await close(page, dialog);
        await button(page, 'Publish an offer');
        await dialog.getByText('Conditions').click();
        await dialog.getByLabel('In waves').check();
      },
    ],
    [
      'a form with what is wrong, and the question whether to drop it',
      async (page, dialog) => {
        await page.keyboard.press('Escape');
        await dialog.getByRole('button', { name: 'Drop it' }).click();
        await button(page, 'Change prices');
        await dialog.getByLabel('SKU').fill('4311501043271');
        await dialog.getByRole('textbox', { name: 'Price' }).fill('x');
        await dialog.getByLabel('Some of them').check();
        await dialog.getByLabel('Stores, by id').fill('0001 typo');
        await dialog.getByLabel('From').fill('2027-10-31T02:30');
        await dialog.getByRole('button', { name: 'Check…' }).click();
        await dialog.getByRole('alert').getByText("'x' is not an amount").waitFor();
        await page.keyboard.press('Escape');
        await dialog.getByText('Drop what you filled in?').waitFor();
      },
    ],
    [
      'what was checked, with what is unusual',
      async (_, dialog) => {
        await dialog.getByRole('button', { name: 'Keep editing' }).click();
        await dialog.getByLabel('From').fill('');
        await dialog.getByRole('textbox', { name: 'Price' }).fill('0');
        await dialog.getByLabel('In waves').check();
        await dialog.getByRole('button', { name: 'Check…' }).click();
        await dialog.getByText('free of charge').waitFor();
      },
    ],
    [
      'a list with a row to mend',
      async (_, dialog) => {
        await dialog.getByRole('button', { name: 'Back' }).click();
        await dialog.getByLabel('To all of them at once').check();
        await dialog.getByText('A whole list').click();
        await dialog.locator('textarea').fill('4311501043271\t1,09\nB\tx');
        await dialog.getByText('1 good · 1 to mend: row 2').waitFor();
      },
    ],
    [
      'what was published, and the old prices on the way back',
      async (page, dialog) => {
        await dialog.locator('textarea').fill('4311501043271\t1,09');
        await dialog.getByRole('button', { name: 'Check…' }).click();
        await dialog.getByRole('button', { name: 'Publish to 1 store' }).click();
        await button(page, 'Put the old prices back');
        await dialog.getByText('is taken back').waitFor();
      },
    ],
    [
      'an offer that is to be withdrawn',
      async (page, dialog) => {
        await close(page, dialog);
        await button(page, /^Withdraw…/);
        await dialog.getByText('ends in every store').waitFor();
      },
    ],
    [
      'without a connection',
      async (page, dialog) => {
        await close(page, dialog);
        await page.route(/./, route => route.abort('internetdisconnected'));
        isCut = true;
        for (const line of lines) void line.close();
        await page.getByRole('alert').getByText('No connection to storecast').waitFor();
      },
    ],
    [
      'a session that has ended',
      async (page, dialog) => {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        isCut = false;
        await page.route(/\/updates\?/, route => route.fulfill({ status: 401, json: {} }));
        await page.evaluate("dispatchEvent(new Event('online'))");
        await dialog.getByText('Your session has ended').waitFor();
      },
    ],
    [
      'signed out',
      async (page, dialog) => {
        await dialog.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('alert').waitFor();
      },
    ],
    [
      'while it loads',
      async page => {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        await page.route(/\/(updates|sales|rollouts|stores\?limit=1000)/, () => {});
        await page.reload();
        await page.getByText('Loading the stores…').waitFor();
      },
    ],
    [
      'a chain without stores',
      async page => {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        await page.reload();
        await page.getByText('Nothing was published yet').waitFor();
      },
    ],
  ];
}
