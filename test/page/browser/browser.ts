/** A real browser for the tests of the page (chromium.ts). */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, expect, onTestFinished, vi } from 'vitest';
import { launchBrowser } from '../../../bench/chromium.ts';
import { patience } from '../../patience.ts';

/** Generous: a cold start on a busy machine. */
export const PATIENCE_MS = patience(15_000);

/** To be called at the top of a test file, whose tests may then take their time; the browser ends with them. */
export async function openBrowser(): Promise<Browser> {
  const { browser, close } = await launchBrowser();
  afterAll(close);
  vi.setConfig({ testTimeout: 4 * PATIENCE_MS });
  return browser;
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
