/** axe finds nothing in any state of the page, in light, dark and forced colours. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openPage } from './browser.ts';
import { startChain } from './chain.ts';
import { PLOT_PIXELS } from './chart-pixels.ts';
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

/** What tells a state, or what is drawn, by its colour. */
const SIGNS = [
  '.line p::before',
  '.segment',
  '.counts span::before',
  '.state::before',
  '.legend .swatch-now::before',
  '.legend .swatch-running::before',
  '.legend .swatch-before::before',
  '.legend .swatch-marker::before',
];

/** The colours of those that are there, by what each is and the state that it tells. */
async function signs(page: Page): Promise<[sign: string, colours: string][]> {
  return page.evaluate<[string, string][]>(`${JSON.stringify(SIGNS)}.flatMap(sign => {
    const [selector, pseudo] = sign.split('::');
    return [...document.querySelectorAll(selector)].map(element => {
      const style = getComputedStyle(element, pseudo && '::' + pseudo);
      const edges = ['Top', 'Left'].map(side => parseFloat(style['border' + side + 'Width']) > 0 && style['border' + side + 'Color']);
      // What has no edge of its own gets one by forced colours.
      const own = /line|swatch-(before|marker)/.test(sign) ? edges : [];
      const state = element.dataset.state ?? element.parentElement.dataset.line ?? '';
      return [sign + ' ' + state, [style.backgroundColor, style.backgroundImage, ...own].join(' ')];
    });
  })`);
}

/** Colours of the legend in which nothing is drawn. */
async function undrawn(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`new Promise(requestAnimationFrame).then(() => {
    if (!document.querySelector('.chart canvas')) return [];
    const of = (name, property) => getComputedStyle(document.querySelector('.legend .swatch-' + name), '::before')[property];
    const colours = [of('now', 'backgroundColor'), of('before', 'borderTopColor')];
    const { data } = ${PLOT_PIXELS};
    return colours.filter(colour => {
      const wanted = [...colour.match(/\\d+/g).map(Number), 255];
      let found = 0;
      for (let at = 0; at < data.length; at += 4) if (wanted.every((part, index) => Math.abs(data[at + index] - part) < 9)) found += 1;
      return found < 20;
    });
  })`);
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
  const [told, forced] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, reach] of statesOf(20)) {
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    await reach(page, page.getByRole('dialog'));
    await page.evaluate(axe);
    found[name] = [...(await violations(page)), ...(await faintGraphics(page))];
    // The page is read by people who have no command line.
    if (/\bnpx\b/.test(await page.locator('body').innerText())) found[name]?.push('npx');
    for (const [sign, colours] of await signs(page)) told.set(sign, colours);
    // All else is the same in other colours.
    for (const colours of OTHER_COLOURS) {
      await page.emulateMedia(colours);
      const state = `${name}, ${colours.colorScheme}, ${colours.forcedColors}`;
      found[state] = await violations(page, 'color-contrast');
      if (colours.forcedColors === 'none') found[state]?.push(...(await faintGraphics(page)));
      else {
        for (const [sign, colours] of await signs(page)) forced.set(sign, colours);
        found[state]?.push(...(await lostColours(page)));
      }
      found[state]?.push(...(await undrawn(page)));
    }
  }
  expect(Object.entries(found).filter(([, all]) => all.length > 0)).toEqual([]);
  // It is live, and then it is not.
  const dots = [...forced].filter(([sign]) => sign.startsWith('.line')).map(([, colours]) => colours);
  expect(dots.length).toBeGreaterThan(1);
  expect(new Set(dots).size).toBe(dots.length);
  const missing = SIGNS.filter(sign => ![...forced.keys()].some(key => key.startsWith(sign)));
  expect(missing).toEqual([]);
  const lost = [...forced].filter(([sign, colours]) => colours !== (told.get(sign) ?? colours));
  expect(lost).toEqual([]);
});
