/**
 * Bundles the Lambda handlers: all of them in one esbuild call, which takes a tenth of the time that a construct
 * bundling each by itself does. CommonJS, since importing a Node module by ESM costs 41 ms at a cold start and
 * `require` 3; minified, since a cold start reads what it imports. Done when this module is imported: esbuild runs plugins
 * asynchronously, and constructs can't wait.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledSdk } from './bundled-sdk.ts';
import { bundlePage } from './page-bundle.ts';

const sources = join(import.meta.dirname, '..', '..', 'lambdas');
const bundles = await bundleHandlers();

/** Directory of one handler's bundle, `index.cjs` in it, and the page beside that of `management`. */
export function handlerBundle(handler: string): string {
  return join(bundles, handler);
}

/** Every file directly in `lambdas/` is a handler, and becomes `NAME/index.cjs`. */
async function bundleHandlers(): Promise<string> {
  // A directory of its own, gone with the process: two that synthesize at once don't meet.
  const directory = mkdtempSync(join(tmpdir(), 'storecast-bundles-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const handlers = readdirSync(sources).filter(file => file.endsWith('.ts'));
  await build({
    entryPoints: handlers.map(file => ({
      in: join(sources, file),
      out: join(file.slice(0, -'.ts'.length), 'index'),
    })),
    outdir: directory,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // By its ending CommonJS wherever it lies: under a package of ES modules, a .js file would be one of them.
    outExtension: { '.js': '.cjs' },
    mainFields: ['module', 'main'],
    plugins: [bundledSdk],
    legalComments: 'none',
    logLevel: 'warning',
  });
  bundlePage(join(directory, 'management', 'page'));
  return directory;
}
