/**
 * Bundles the management page for the Lambda that serves it: script and style named by what is in them, so that a
 * browser may keep them for good, and the document that names them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const sources = join(import.meta.dirname, '..', '..', 'page');

/** Writes `index.html` and `assets/` to this directory; what the document leaves open, the handler fills in. */
export function bundlePage(directory: string): void {
  const assets = join(directory, 'assets');
  const { metafile } = buildSync({
    entryPoints: [join(sources, 'main.tsx')],
    entryNames: 'page-[hash]',
    // What publishes is loaded after the figures.
    splitting: true,
    chunkNames: '[name]-[hash]',
    outdir: assets,
    bundle: true,
    minify: true,
    platform: 'browser',
    // The oldest with `light-dark()` in their style sheets.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    format: 'esm',
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const names = Object.keys(metafile.outputs).map(path => basename(path));
  for (const name of names) compress(join(assets, name));
  const nameOf = (ending: string) =>
    `assets/${names.find(name => name.startsWith('page-') && name.endsWith(ending))}`;
  const document = readFileSync(join(sources, 'index.html'), 'utf8')
    .replace('{{script}}', nameOf('.js'))
    .replace('{{shared}}', `assets/${names.find(name => name.startsWith('chunk-'))}`)
    .replace('{{style}}', nameOf('.css'));
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'index.html'), document);
}

/** Here and not in the Lambda: at its best, compression takes longer than a cold start. */
function compress(file: string): void {
  const content = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(content));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
