/** What goes out in waves is watched, moved on and taken back by eye. */
import { expect, test } from 'vitest';
import { connectStore, type TestStore } from '../../contract/store.ts';
import { unique } from '../../contract/system.ts';
import { openBrowser, openPage, PATIENCE_MS } from './browser.ts';
import { startChain } from './chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

/** Applies whatever comes. */
function applyAll(store: TestStore, seen: string[]): void {
  void store
    .next(({ type }) => type === 'update')
    .then(
      ({ id, kind }) => {
        seen.push(String(kind));
        store.send({ action: 'applied', updates: [{ id, appliedAt: new Date().toISOString() }] });
        applyAll(store, seen);
      },
      () => undefined,
    );
}

test('a price goes out in waves before their eyes: to one store, to all, and back', async () => {
  const region = unique('region');
  const seen: string[] = [];
  for (let index = 0; index < 3; index += 1) applyAll(await connectStore(system, { region }), seen);
  const page = await openPage(browser, system.managementUrl);
  const asked = { rollouts: 0, audit: 0, drift: 0 };
  page.on('request', request => {
    const [, name] = /\/(rollouts|audit|drift)(?:\?|$)/.exec(request.url()) ?? [];
    if (name !== undefined) asked[name as keyof typeof asked] += 1;
  });
  const rolloutId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
    audience: { regions: [region] },
    rollout: { waves: [{ stores: 1 }, { percent: 100 }], soakMinutes: 60 },
  });
  const staged = page.locator(`[data-staged="${rolloutId}"]`);
  const button = (name: string | RegExp) => staged.getByRole('button', { name });
  await staged.getByText('1 of 1 have it').waitFor({ timeout: 2 * PATIENCE_MS });
  expect(await staged.locator('.wave').count()).toBe(2);
  expect(await staged.getByRole('heading').innerText()).toContain('€1.99');

  await button(/^Pause/).click();
  await staged.getByText('Paused').waitFor();
  await button(/^Next wave now/).click();
  await staged.getByText('3 of 3 have it').waitFor({ timeout: 2 * PATIENCE_MS });

  await button(/^Take back…/).click();
  await button('Leave it').click();
  await button(/^Take back…/).click();
  await button(/^Take it back at 3 stores/).click();
  await staged.getByText('Taken back').waitFor();
  await expect
    .poll(() => seen.filter(kind => kind === 'price.withdrawn').length, { timeout: 2 * PATIENCE_MS })
    .toBe(3);
  // The day's audit has a line for each store: a rollout that moves is no reason to read it.
  expect(asked.rollouts).toBeGreaterThan(asked.audit);
  expect(asked.rollouts).toBeGreaterThan(asked.drift);
});
