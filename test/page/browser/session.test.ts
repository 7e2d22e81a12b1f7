/** Who is signed in, for how long, and what is left of it: in the tab, after a reload, in a second tab. */
import { expect, test } from 'vitest';
import type { Identity } from '../../../domain/identity/identity.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage } from './browser.ts';
import { openStore, startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();
const url = system.managementUrl;
const MANAGER: Identity = { role: 'manager', name: 'ada' };
const PUBLISHER: Identity = { role: 'publisher', name: 'grace' };
const STORE: Identity = { role: 'store', storeId: 's1', region: undefined, groups: [] };
const FIELD = 'Manager’s or publisher’s token';

test('signing in with a bad token says why, with a good one it works, and signing out leaves nothing behind', async () => {
  const page = await openPage(browser, url, { expected: /status of 401/ });
  // The browser complains of a line that is closed before it is open.
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  const field = page.getByLabel('Manager’s or publisher’s token');
  const submit = async (token: string) => {
    await field.fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const good = await system.mintToken(MANAGER);
  const expired = await system.mintToken(MANAGER, { issuedAt: 1_700_000_000, lifetimeSeconds: 60 });
  const refusals: [string, RegExp][] = [
    ['', /Paste a manager’s or a publisher’s token/],
    ['letmein', /three parts/],
    [expired, /expired on/],
    [await system.mintToken(STORE), /token of a store/],
    [`${good.slice(0, -8)}AAAAAAAA`, /does not take this token/],
  ];
  for (const [token, reason] of refusals) {
    await submit(token);
    await page.getByRole('alert').getByText(reason).waitFor();
  }
  await submit(` ${good}\n`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('ada', { exact: true }).waitFor();
  // A manager reads; on this machine the page opened as a publisher's, who may publish.
  await page.getByRole('heading', { name: 'Updates' }).waitFor();
  for (const name of ['Change prices', 'Publish an offer', /^Withdraw/])
    expect(await page.getByRole('button', { name }).count()).toBe(0);
  expect(page.url()).toBe(url);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await field.waitFor();
  expect(
    await page.evaluate<unknown>('[localStorage.length, sessionStorage.length, document.cookie]'),
  ).toEqual([0, 0, '']);
});

test('a session that ends keeps the filled form and says so; signed in again, it is published', async () => {
  const region = unique('region');
  const store = await openStore(system, region);
  const page = await openPage(browser, url, { expected: /status of 401|WebSocket/ });
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel(FIELD).fill(await system.mintToken(PUBLISHER));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Change prices' }).click();
  const form = page.getByRole('dialog', { name: 'Change prices' });
  await form.getByLabel('SKU').fill('kept');
  await form.getByRole('textbox', { name: 'Price' }).fill('1.50');
  await form.getByLabel('Some of them').check();
  await form.getByLabel(region).check();
  await form.getByRole('button', { name: 'Check…' }).click();
  const publish = form.locator('[aria-disabled=false]', { hasText: 'Publish to 1 store' });
  await publish.waitFor();
  // From now on the chain is asked with a token that is over.
  const over = await system.mintToken(PUBLISHER, { issuedAt: 1_700_000_000, lifetimeSeconds: 60 });
  await page.route(`${url}updates`, route =>
    route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${over}` } }),
  );
  await publish.click();
  const ended = page.getByRole('dialog', { name: 'Your session has ended' });
  await ended.waitFor();
  await page.unroute(`${url}updates`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await ended.getByText('what you filled in is kept').waitFor();
  await ended.getByLabel(FIELD).fill(await system.mintToken(PUBLISHER));
  await ended.getByRole('button', { name: 'Sign in' }).click();
  await ended.waitFor({ state: 'detached' });
  await form.getByText('the session has ended').waitFor();
  await publish.click();
  await page.locator('.update', { hasText: 'kept: €1.50' }).getByText('1 of 1 have it').waitFor();
  expect(store.price('kept')).toMatchObject({ amount: 150 });
});

test('a reload and a second tab are signed in as before, until somebody signs out in one of them', async () => {
  const page = await openPage(browser, url, { expected: /WebSocket/ });
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel(FIELD).fill(await system.mintToken(MANAGER));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('ada', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('ada', { exact: true }).waitFor();
  const second = await page.context().newPage();
  await second.goto(url);
  await second.getByText('ada', { exact: true }).waitFor();
  expect(second.url()).toBe(url);
  expect(await second.evaluate<unknown>('[localStorage.length, document.cookie]')).toEqual([0, '']);
  await second.getByText('Live', { exact: true }).waitFor();
  await second.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel(FIELD).waitFor();
});
