/** Draws every state of the page (test/page/browser/states.ts), for whoever looks at all of them: `FOLDER/20-390-light-01.png`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { statesOf } from '../browser/states.ts';

const WIDTHS = [390, 1_280, 1_920];
const SCHEMES = ['light', 'dark'] as const;

/** @param url of a page that signs itself in */
export async function drawStates(browser: Browser, url: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const stores of [20, 1_000]) {
    const context = { locale: 'en-GB', timezoneId: 'Europe/Berlin' };
    const page = await browser.newPage({ ...context, viewport: { width: 1_280, height: 900 } });
    await page.goto(url);
    for (const [index, [name, reach]] of statesOf(stores).entries()) {
      await reach(page, page.getByRole('dialog'));
      console.log(`${stores} stores, ${index + 1}: ${name}`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          const file = `${stores}-${width}-${colorScheme}-${String(index + 1).padStart(2, '0')}.png`;
          const isDialog = (await page.getByRole('dialog').count()) > 0;
          await page.screenshot({ path: join(folder, file), fullPage: !isDialog });
        }
      }
      await page.setViewportSize({ width: 1_280, height: 900 });
    }
    await page.close();
  }
}
