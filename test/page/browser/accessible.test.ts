/** axe finds nothing in any state of the page, in light, dark and forced colours. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';
import { statesOf } from './states.ts';

const { system } = await startChain();
const browser = await openBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const OTHER_COLOURS = [
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
] as const;

/** @param rules all of them, or these alone */
async function violations(page: Page, ...rules: string[]): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules.length > 0 ? { runOnly: rules } : {}) };
  return page.evaluate<string[]>(`axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
}

test('in every state', async () => {
  const page = await openPage(browser, system.managementUrl, { expected: /ERR_|WebSocket|Failed to load/ });
  const found: Record<string, string[]> = {};
  for (const [name, reach] of statesOf(20)) {
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    await reach(page, page.getByRole('dialog'));
    await page.evaluate(axe);
    found[name] = await violations(page);
    // All else is the same in other colours.
    for (const colours of OTHER_COLOURS) {
      await page.emulateMedia(colours);
      found[`${name}, ${colours.colorScheme}, ${colours.forcedColors}`] = await violations(
        page,
        'color-contrast',
      );
    }
  }
  expect(Object.entries(found).filter(([, all]) => all.length > 0)).toEqual([]);
});
