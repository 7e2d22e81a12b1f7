/**
 * Where a construct finds the code of its function. Here it is bundled at synth; in the npm package, built-bundles.ts
 * takes the place of this module.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Construct } from 'constructs';
import type { SdkBundling } from './bundle-handlers.ts';

const program = join(import.meta.dirname, 'bundle-program.ts');
const bundled = new Map<SdkBundling, string>();

/** Directory of the bundle of one handler, as the context `bundleSdk` of the app wants it. */
export function bundleFor(scope: Construct, handler: string): string {
  return handlerBundle(handler, sdkBundling(scope.node.tryGetContext('bundleSdk') ?? 'lean'));
}

/** Directory of one handler's bundle, `index.cjs` in it, and the page beside that of `management`. */
export function handlerBundle(handler: string, sdk: SdkBundling = 'lean'): string {
  const directory = bundled.get(sdk) ?? bundle(sdk);
  bundled.set(sdk, directory);
  return join(directory, handler);
}

/** In a process of its own: esbuild runs plugins asynchronously, and constructs can't wait. */
function bundle(sdk: SdkBundling): string {
  // A directory of its own, gone with this process: two that synthesize at once don't meet.
  const directory = mkdtempSync(join(tmpdir(), 'storecast-bundles-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const stripsTypes = process.execArgv.filter(flag => flag === '--experimental-strip-types');
  execFileSync(process.execPath, [...stripsTypes, program, directory, sdk], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return directory;
}

function sdkBundling(value: unknown): SdkBundling {
  if (value === 'lean' || value === 'whole') return value;
  throw new Error(
    `bundleSdk is ${JSON.stringify(value)}: it must be lean or whole; correct -c bundleSdk=…, or leave it out for lean`,
  );
}
