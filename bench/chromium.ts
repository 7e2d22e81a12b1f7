/** Where the browser of tests and benchmarks is: the Chromium that @sparticuz/chromium ships for x64 Linux, else the installed Chrome. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

/** @returns the browser, and what ends it and leaves nothing behind */
export async function launchBrowser(): Promise<{ browser: Browser; close: () => Promise<void> }> {
  const isShipped = process.platform === 'linux' && process.arch === 'x64';
  const directory = mkdtempSync(join(tmpdir(), 'storecast-browser-'));
  const browser = await chromium.launch(isShipped ? await unpack(directory) : { channel: 'chrome' });
  const close = async () => {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { browser, close };
}

/** In a process of its own: the package unpacks by this environment, which is Lambda's, and is nobody else's. */
async function unpack(directory: string): Promise<LaunchOptions> {
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
