/**
 * What is measured is reached by its path, as the stack reaches the handlers: bench/ imports only what runs it. Types are
 * those of other folders, so there are none here.
 */
import { createRequire } from 'node:module';

const root = new URL('..', import.meta.url);

/** A module of the project. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export async function fromProject(module: string): Promise<any> {
  return import(new URL(module, root).href);
}

/** The cloud assembly as `npm start` synthesizes it; gone with this process. */
export async function synthesize(): Promise<string> {
  const { synthesize } = await fromProject('cli/synthesize.ts');
  return synthesize();
}

export const nodeModules = createRequire(import.meta.url)
  .resolve('esbuild/package.json')
  .replace(/esbuild\/package\.json$/, '');
