/** Where the packages lie that a bundle of a benchmark may name. */
import { createRequire } from 'node:module';

export const nodeModules = createRequire(import.meta.url)
  .resolve('esbuild/package.json')
  .replace(/esbuild\/package\.json$/, '');
