/**
 * A real browser for the tests of the page: the Chromium that @sparticuz/chromium ships for x64 Linux, with the
 * libraries that a bare machine lacks; anywhere else the Chrome that is installed.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import { afterAll, expect, onTestFinished, vi } from 'vitest';
import { patience } from '../../patience.ts';

/** Generous: a cold start on a busy machine. */
export const PATIENCE_MS = patience(15_000);

/** To be called at the top of a test file, whose tests may then take their time; the browser ends with them. */
export async function openBrowser(): Promise<Browser> {
  const isShipped = process.platform === 'linux' && process.arch === 'x64';
  const browser = await chromium.launch(isShipped ? await unpackChromium() : { channel: 'chrome' });
  afterAll(() => browser.close());
  vi.setConfig({ testTimeout: 4 * PATIENCE_MS });
  return browser;
}

/** In a process of its own: the package unpacks by this environment, which is Lambda's, and is nobody else's. */
async function unpackChromium(): Promise<LaunchOptions> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-browser-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const script =
    "import chromium from '@sparticuz/chromium'; process.stdout.write(await chromium.executablePath())";
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: directory, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  });
  const fonts = join(directory, 'fonts', 'fonts.conf');
  // It names the directory that Lambda would unpack to.
  writeFileSync(fonts, readFileSync(fonts, 'utf8').replaceAll('>/tmp/', `>${directory}/`));
  const libraries = join(directory, 'al2023', 'lib');
  return {
    executablePath: stdout,
    env: { ...process.env, HOME: directory, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts },
  };
}

export interface OpenPageOptions extends Omit<BrowserContextOptions, 'timezoneId'> {
  /** Null is the machine's own, which a test may then change. @default Europe/Berlin */
  timezoneId?: string | null;
  /** Complaints of the console that belong to the test, such as a refused request. */
  expected?: RegExp;
}

/**
 * A page of its own that ends with the test. The test fails if the console complained of anything: an exception, an
 * error, a violation of the content security policy.
 */
export async function openPage(browser: Browser, url: string, options: OpenPageOptions = {}): Promise<Page> {
  const { expected, timezoneId = 'Europe/Berlin', ...context } = options;
  const own = await browser.newContext({
    locale: 'en-GB',
    ...(timezoneId === null ? {} : { timezoneId }),
    ...context,
  });
  const page = await own.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  onTestFinished(async () => {
    await own.close();
    expect(complaints.filter(text => !expected?.test(text))).toEqual([]);
  });
  await page.goto(url);
  return page;
}
