/** The example of a till in one file, with the client of the project, so that it starts fast and on any Node. */
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

/** @returns the file, of this folder */
export async function buildTill(directory: string): Promise<string> {
  const outfile = join(directory, 'till.mjs');
  await build({
    entryPoints: [join(root, 'examples', 'till-node', 'till.js')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    alias: { '@storecast/client': join(import.meta.dirname, 'faulty-client.ts') },
    // What ws requires of Node is asked for by `require`, which modules don't have.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'warning',
  });
  return outfile;
}
