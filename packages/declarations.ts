/** Type declarations of what a package shows, by the TypeScript compiler. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './project.ts';

const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc');

/**
 * Writes the declarations of these source files, and of all that they name, to `types/` of the package: as in the project,
 * so that of `client/node.ts` is `types/client/node.d.ts`.
 */
export function declareTypes(directory: string, entries: readonly string[]): void {
  const types = join(directory, 'types');
  // Within the project: the compiler looks for @types/node from there.
  const configuration = mkdtempSync(join(root, 'node_modules', '.storecast-types-'));
  try {
    const file = join(configuration, 'tsconfig.json');
    writeFileSync(
      file,
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          rootDir: root,
          outDir: types,
        },
        include: [],
        files: entries.map(entry => join(root, entry)),
      }),
    );
    execFileSync(process.execPath, [compiler, '--project', file], { stdio: 'inherit' });
  } finally {
    rmSync(configuration, { recursive: true });
  }
  for (const name of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts')) nameBuiltModules(join(types, name));
  }
}

/** The sources name each other by `.ts`, and the compiler leaves that in declarations. */
function nameBuiltModules(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/((?:from|import\()\s*['"]\.[^'"]*)\.ts(?=['"])/g, '$1.js'));
}
