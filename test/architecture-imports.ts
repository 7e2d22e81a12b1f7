/** What a source file imports, read off its text. */
import { posix } from 'node:path';

export interface Import {
  line: number;
  /** A file from the root of the project, or a package as it is named. */
  target: string;
}

/**
 * Imports, exports from elsewhere, dynamic imports and `import('…')` types, of types alone too. Works on text that
 * Biome has formatted (statements begin their line): the compiler has no interface to ask.
 */
const importForms = [
  /^\s*import\s+(?:[\w*{][^;'"]*?\sfrom\s+)?(['"])(?<target>[^'"]+)\1/gm,
  /^\s*export\s+(?:type\s+)?[*{][^;'"]*?\sfrom\s+(['"])(?<target>[^'"]+)\1/gm,
  /\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*(['"])(?<target>[^'"]+)\1/g,
];

export function importsOf(file: string, source: string): Import[] {
  const found = importForms.flatMap(form =>
    [...source.matchAll(form)].map(({ index, 0: text, groups }) => ({
      line: source.slice(0, index + text.length).split('\n').length,
      target: resolve(file, groups?.target ?? ''),
    })),
  );
  return found.sort((one, other) => one.line - other.line);
}

function resolve(file: string, target: string): string {
  return target.startsWith('.') ? posix.join(posix.dirname(file), target) : target;
}
