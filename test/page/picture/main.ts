/**
 * Draws the README's picture: the way of a price, and the page as `npm start` shows it, in docs/picture.svg. With a folder's
 * name, every state of the page into that folder instead: light and dark, narrow to wide, few stores and many.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../../bench/chromium.ts';
import { loadTarget } from '../../../cli/target.ts';
import { type Picture, pictureOf } from './drawing.ts';
import { drawStates } from './every-state.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const SIZE = { width: 1_280, height: 800 };
const [folder] = process.argv.slice(2);
const STORES = folder === undefined ? 20 : 0;
/** Sales that the figures are of. */
const SOLD_MS = 75_000;

const data = mkdtempSync(join(tmpdir(), 'storecast-picture-'));
const command = join(root, 'cli', 'launch-command.mjs');
const system = spawn(
  process.execPath,
  [command, 'start', '--stores', String(STORES), '--port', '0', '--data', data],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
const { browser, close } = await launchBrowser();
try {
  for await (const line of createInterface(system.stdout)) if (line.startsWith('ready')) break;
  const target = loadTarget(join(data, 'outputs.json'));
  if (folder === undefined) await drawPicture(target);
  else await drawStates(browser, target.outputs.ManagementUrl, folder);
} finally {
  await close();
  system.kill('SIGTERM');
  await new Promise(resolve => system.on('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}

async function drawPicture(target: ReturnType<typeof loadTarget>): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE, locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  await page.goto(target.outputs.ManagementUrl);
  await publish(target);
  await page.waitForTimeout(SOLD_MS);
  const picture: Picture = { ...SIZE, png: await shot(page), stores: STORES };
  writeFileSync(join(root, 'docs', 'picture.svg'), pictureOf(picture));
  console.log('drew docs/picture.svg');
}

/** What a morning brings. */
async function publish(target: ReturnType<typeof loadTarget>): Promise<void> {
  const eur = (sku: string, amount: number) => ({ sku, amount, currency: 'EUR' });
  await target.putEvent('marketing', 'PriceChanged', { prices: [eur('4311501043271', 99)] });
  await target.putEvent('marketing', 'OfferPublished', {
    offerId: 'coffee',
    title: 'Coffee, a fifth off',
    skus: ['7622210449283'],
    discount: { percent: 20 },
    validUntil: new Date(Date.now() + 7_200_000).toISOString(),
  });
  await target.putEvent('marketing', 'PriceChanged', {
    prices: [eur('5449000000996', 119)],
    rollout: { waves: [{ stores: 2 }, { percent: 25 }, { percent: 100 }], soakMinutes: 15 },
  });
}

async function shot(page: Page): Promise<string> {
  return (await page.screenshot({ type: 'png' })).toString('base64');
}
