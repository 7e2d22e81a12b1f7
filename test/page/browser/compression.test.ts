/** What the page takes on the wire, and how soon it shows something. */
import type { Page, Response } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';
import { tell } from './told-chain.ts';

const { system } = await startChain();
const browser = await openBrowser();

test('the scripts that show the page come compressed, in less than 60 KB', async () => {
  const page = await openPage(browser, 'about:blank');
  const scripts: Response[] = [];
  page.on('response', response => {
    // What is opened by hand, and what publishes, comes after the figures.
    if (/\/assets\/(?!later-parts-)[^/]*\.js$/.test(response.url())) scripts.push(response);
  });
  const later = page.waitForResponse(/\/assets\/later-parts-/);
  await page.goto(system.managementUrl);
  await page.getByText('Live', { exact: true }).waitFor();
  await later;
  let bytes = 0;
  for (const response of scripts) {
    expect(await response.headerValue('content-encoding')).toMatch(/^(br|gzip)$/);
    bytes += (await response.request().sizes()).responseBodySize;
  }
  expect(scripts.length).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(60 * 1_024);
});

/** What the chain answers piece by piece, and how it is seen that a piece is there. */
const PIECES: [requests: RegExp, there: string][] = [
  [/totals\?.*by=(minute|store)/, '[data-figure="today"] .value:text("€")'],
  [/totals\?.*by=(region|sku)|updates(\?limit|\/)/, '[data-product]'],
  [/stores\?(?!limit=1$)/, '.stores tbody tr'],
  [/rollouts|state=waiting|drift|audit/, '.staged, [data-audit="over"], .attention li[data-rollout]'],
];

/** What was pushed out of its place by what came, but the list of stores, which is the last of the page. */
function pushed(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`new Promise(resolve => {
    const pushed = [];
    new PerformanceObserver(list => {
      const moves = list.getEntries().filter(shift => !shift.hadRecentInput).flatMap(({ sources }) => [...sources]);
      pushed.push(...moves.flatMap(({ node, previousRect: { x, y }, currentRect }) => {
        const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        // Words make room for a figure in front of them that has become longer.
        const isMoved = currentRect.y !== y || (element === node && currentRect.x !== x);
        if (!isMoved || element?.closest('.stores-panel')) return [];
        return [element?.outerHTML.slice(0, 90) + ' from ' + [x, y] + ' to ' + [currentRect.x, currentRect.y]];
      }));
    }).observe({ type: 'layout-shift', buffered: true });
    // What is drawn by now is told after the frame.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 0, pushed)));
  })`);
}

test.each([
  [390, 844],
  [1_280, 1_400],
])('at %d pixels nothing that is there is pushed away by what comes later', async (width, height) => {
  const page = await openPage(browser, 'about:blank', { viewport: { width, height } });
  await tell(page, 20);
  const releases = await Promise.all(
    PIECES.map(async ([requests, there]) => {
      let release: () => void = () => {};
      const released = new Promise<void>(resolve => {
        release = resolve;
      });
      await page.route(requests, async route => {
        await released;
        await route.fallback();
      });
      return { release, there };
    }),
  );
  await page.goto(system.managementUrl);
  await page.getByText('Live', { exact: true }).waitFor();
  for (const { release, there } of releases) {
    release();
    for (const one of there.split(', ')) await page.locator(one).first().waitFor({ state: 'attached' });
  }
  expect(await pushed(page)).toEqual([]);
});
