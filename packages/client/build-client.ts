/** `@storecast/client`: the till library, for Node and for browsers. */
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { declareTypes } from '../declarations.ts';
import { bundleModules, takeIn } from '../modules.ts';
import { describePackage, OLDEST_NODE, root, versionsOf } from '../project.ts';

const NODE_ENTRY = 'packages/client/node-client.ts';
/** SHA-256: browsers have it on pages with TLS alone. */
const HASHES = '@noble/hashes';
const BROWSER_ENTRY = 'packages/client/browser-client.ts';

export async function buildClient(directory: string): Promise<void> {
  const plugins = [takeIn(HASHES)];
  const node = await bundleModules({
    directory,
    entries: { node: NODE_ENTRY },
    platform: 'node',
    plugins,
  });
  const browser = await bundleModules({
    directory,
    entries: { browser: BROWSER_ENTRY },
    platform: 'browser',
    plugins,
  });
  const hashes = createRequire(import.meta.url).resolve(`${HASHES}/sha2.js`);
  cpSync(join(dirname(hashes), 'LICENSE'), join(directory, 'LICENSE.noble-hashes'));
  await bundleWebSocket(directory);
  // Those of Node for both: a compiler that resolves as bundlers do doesn't tell which one it compiles for.
  declareTypes(directory, [NODE_ENTRY]);
  describePackage(directory, 'client', {
    name: '@storecast/client',
    description:
      'The line between a store and its chain: prices, offers and sales, kept through every outage',
    sideEffects: false,
    // For tools that know no conditions; the Node build is for Node alone.
    main: './node.js',
    types: './types/packages/client/node-client.d.ts',
    exports: {
      '.': {
        types: './types/packages/client/node-client.d.ts',
        node: './node.js',
        default: './browser.js',
      },
      './package.json': './package.json',
    },
    engines: { node: OLDEST_NODE },
    dependencies: versionsOf(new Set([...node, ...browser])),
  });
}

/** The WebSocket of `ws` in one file, since Node 20 has none: the oldest Node is no reason for all others to install it. */
async function bundleWebSocket(directory: string): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('ws');
  await build({
    stdin: { contents: "module.exports = require('ws').WebSocket;", resolveDir: root },
    outfile: join(directory, 'web-socket.cjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    // Native helpers, which ws does without.
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'warning',
  });
  cpSync(join(dirname(entry), 'LICENSE'), join(directory, 'LICENSE.ws'));
}
