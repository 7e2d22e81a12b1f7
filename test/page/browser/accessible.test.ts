/** axe finds nothing in any state of the page, in light, dark and forced colours. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';
import { contrast } from './contrast.ts';
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

const GRAPHICS = ['--accent', '--compare', '--good', '--wait', '--bad', '--gone', '--over', '--field'];

/** Lines, bars, dots and edges of fields that don't stand out from their panel. */
async function faintGraphics(page: Page): Promise<string[]> {
  const [panel = '', ...colours] = await page.evaluate<
    string[]
  >(`${JSON.stringify(['--panel', ...GRAPHICS])}.map(name => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'var(' + name + ')';
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  })`);
  return GRAPHICS.filter((_, index) => contrast(colours[index] ?? '', panel) < 3);
}

/** Parts of a bar, and the dots that explain them, that have no colour of their own any more. */
async function lostColours(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('.bar')].filter(bar => {
    const painted = [bar, ...bar.querySelectorAll('.segment')].map(part => getComputedStyle(part).backgroundColor);
    return new Set(painted).size < painted.length;
  }).map(bar => bar.outerHTML)`);
}

test('in every state', async () => {
  const page = await openPage(browser, system.managementUrl, { expected: /ERR_|WebSocket|Failed to load/ });
  const found: Record<string, string[]> = {};
  for (const [name, reach] of statesOf(20)) {
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    await reach(page, page.getByRole('dialog'));
    await page.evaluate(axe);
    found[name] = [...(await violations(page)), ...(await faintGraphics(page))];
    // The page is read by people who have no command line.
    if (/\bnpx\b/.test(await page.locator('body').innerText())) found[name]?.push('npx');
    // All else is the same in other colours.
    for (const colours of OTHER_COLOURS) {
      await page.emulateMedia(colours);
      const state = `${name}, ${colours.colorScheme}, ${colours.forcedColors}`;
      found[state] = await violations(page, 'color-contrast');
      if (colours.forcedColors === 'none') found[state]?.push(...(await faintGraphics(page)));
      else found[state]?.push(...(await lostColours(page)));
    }
  }
  expect(Object.entries(found).filter(([, all]) => all.length > 0)).toEqual([]);
});
