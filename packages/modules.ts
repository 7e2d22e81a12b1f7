/** Bundles of ES modules: readable JavaScript, with the npm packages that they import left outside. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { OLDEST_NODE, root } from './project.ts';

export interface Modules {
  /** Where they go, side by side. */
  readonly directory: string;
  /** Source file by the name of its module: `{ index: 'local/local-cloud.ts' }` becomes `index.js`. */
  readonly entries: Readonly<Record<string, string>>;
  readonly platform: 'node' | 'browser';
  readonly plugins?: readonly Plugin[];
}

/** @returns the npm packages that the modules import */
export async function bundleModules({
  directory,
  entries,
  platform,
  plugins = [],
}: Modules): Promise<Set<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: directory,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform,
    target: platform === 'node' ? `node${OLDEST_NODE.slice('>='.length)}` : 'es2022',
    packages: 'external',
    plugins: [...plugins],
    metafile: true,
    logLevel: 'warning',
  });
  const imports = Object.values(metafile.outputs).flatMap(output => output.imports);
  const external = imports.filter(imported => imported.external && !isBuiltin(imported.path));
  return new Set(external.map(({ path }) => packageOf(path)));
}

function isBuiltin(path: string): boolean {
  return path.startsWith('node:');
}

/** `@scope/name` of `@scope/name/file`. */
function packageOf(path: string): string {
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/');
}

/** Takes an npm package into the modules: for a few functions of it nobody should have to install it. */
export function takeIn(name: string): Plugin {
  return {
    name: 'take-in',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^${name}/`) }, ({ path }) => ({
        path: createRequire(join(root, 'package.json')).resolve(path),
      }));
    },
  };
}

/** Takes one source file in the place of another. */
export function replaceModule(path: string, replacement: string): Plugin {
  const name = path.slice(path.lastIndexOf('/'));
  return {
    name: 'replace-module',
    setup({ onResolve, resolve }) {
      onResolve(
        { filter: new RegExp(`${name.replaceAll('.', '\\.')}$`) },
        async ({ pluginData, ...found }) => {
          if (pluginData === path) return undefined;
          const { kind, importer, resolveDir } = found;
          const original = await resolve(found.path, { kind, importer, resolveDir, pluginData: path });
          return original.path === path ? { path: replacement } : original;
        },
      );
    },
  };
}
