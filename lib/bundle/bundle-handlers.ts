/**
 * Bundles the Lambda handlers: all of them in one esbuild call, which takes a tenth of the time that a construct
 * bundling each by itself does. CommonJS, since importing a Node module by ESM costs 41 ms at a cold start and
 * `require` 3; minified, since a cold start reads what it imports.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledSdk } from './bundled-sdk.ts';
import { bundlePage } from './page-bundle.ts';

/** `lean` leaves out of the SDK what no handler uses (see bundled-sdk.ts), `whole` takes it as it is installed. */
export type SdkBundling = 'lean' | 'whole';

const root = join(import.meta.dirname, '..', '..');
const sources = join(root, 'lambdas');
const contracts = join(root, 'docs', 'contracts');

/** Every file directly in `lambdas/` is a handler, and becomes `NAME/index.cjs`; page and contract lie beside that of `management`. */
export async function bundleHandlers(directory: string, sdk: SdkBundling): Promise<void> {
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
    plugins: sdk === 'lean' ? [bundledSdk] : [],
    legalComments: 'none',
    logLevel: 'warning',
  });
  const page = join(directory, 'management', 'page');
  bundlePage(page);
  // The contract of the HTTP API, which is served beside it.
  const contract = JSON.parse(readFileSync(join(contracts, 'openapi.json'), 'utf8'));
  writeFileSync(join(page, 'openapi.json'), JSON.stringify(contract));
}
