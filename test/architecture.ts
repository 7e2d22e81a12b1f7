/** The rules about which folder may know which, and the reader that holds a source file against them. */
import { posix } from 'node:path';

/** Folders of the project that the files of a folder may import besides their own; a folder not listed is unknown. */
const arrows: Record<string, readonly string[]> = {
  bin: ['lib'],
  lib: ['domain'],
  lambdas: ['domain'],
  domain: [],
  client: ['domain'],
  page: ['domain', 'client'],
  local: [],
  cli: ['domain', 'client', 'local'],
  packages: ['lib', 'client', 'local', 'cli'],
  bench: ['domain', 'client', 'local', 'lambdas', 'lib', 'cli'],
  test: ['bin', 'lib', 'lambdas', 'domain', 'client', 'page', 'local', 'cli', 'bench', 'packages'],
};

/** The folders that hold source, whether they exist yet or not. */
export const folders = Object.keys(arrows);

/** Files of local/ that wire its services; all others there know nothing but themselves and what is shared. */
const wiring = /^local\/(edge\/|assembly\/|wiring\.ts$|local-cloud\.ts$)/;
/** What builds and deploys the stack has no place in what runs. */
const buildTools = /^(aws-cdk-lib|constructs|esbuild)(\/|$)/;

/** What makes a function of the domain answer differently for the same arguments, or ties it to Node or to AWS. */
const impurities: readonly [pattern: RegExp, what: string][] = [
  [/\bprocess\b/, 'process'],
  [/\bglobalThis\b/, 'globalThis'],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'a timer'],
  [/\bDate\.now\b/, 'Date.now'],
  [/\bnew Date(?:\(\s*\)|(?!\())/, 'new Date without an argument'],
  [/(?<!new )\bDate\(/, 'Date as a function'],
  [/\bperformance\b/, 'performance'],
  [/\bMath\.random\b/, 'Math.random'],
];

/** @returns a line for each rule that the file breaks: `FILE:LINE: what; rule: why not` */
export function violationsIn(file: string, source: string): string[] {
  const imports = importsOf(file, source).flatMap(({ line, target }) => {
    const rule = brokenRule(file, target);
    return rule === undefined ? [] : [`${file}:${line}: imports ${target}; rule: ${rule}`];
  });
  return file.startsWith('domain/') ? [...imports, ...impuritiesIn(file, source)] : imports;
}

function brokenRule(file: string, target: string): string | undefined {
  const folder = topFolder(file);
  const allowed = arrows[folder];
  if (allowed === undefined) return `${folder}/ is no folder of the project`;
  if (!isOwnFile(target)) return brokenPackageRule(folder, target);
  const targetFolder = topFolder(target);
  if (targetFolder !== folder && !allowed.includes(targetFolder)) {
    return `${folder}/ imports ${allowed.map(name => `${name}/`).join(', ') || 'no other folder'}`;
  }
  return folder === 'local' ? brokenServiceRule(file, target) : undefined;
}

function brokenPackageRule(folder: string, target: string): string | undefined {
  if (folder === 'domain' && /^(node:|@aws-sdk\/|@smithy\/)/.test(target)) {
    return 'domain/ is pure: no Node and no AWS in it';
  }
  if (!['bin', 'lib', 'packages', 'test'].includes(folder) && buildTools.test(target)) {
    return 'only bin/, lib/ and packages/ build with the CDK and esbuild';
  }
  return undefined;
}

function brokenServiceRule(file: string, target: string): string | undefined {
  if (wiring.test(file)) return undefined;
  const service = posix.dirname(file);
  const shared = posix.dirname(target) === 'local' && !wiring.test(target);
  if (shared || (service !== 'local' && target.startsWith(`${service.split('/').slice(0, 2).join('/')}/`))) {
    return undefined;
  }
  return 'a service of local/ imports itself and the shared files of local/ alone';
}

function impuritiesIn(file: string, source: string): string[] {
  return source.split('\n').flatMap((text, index) => {
    if (/^\s*(\/?\*|\/\/)/.test(text)) return [];
    const found = impurities.filter(([pattern]) => pattern.test(text));
    const rule = 'domain/ is pure: the clock and the like are arguments';
    return found.map(([, what]) => `${file}:${index + 1}: uses ${what}; rule: ${rule}`);
  });
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

function importsOf(file: string, source: string): { line: number; target: string }[] {
  const found = importForms.flatMap(form =>
    [...source.matchAll(form)].map(({ index, 0: text, groups }) => ({
      line: source.slice(0, index + text.length).split('\n').length,
      target: resolve(file, groups?.target ?? ''),
    })),
  );
  return found.sort((one, other) => one.line - other.line);
}

/** A relative import as a path from the root of the project; a package as it is named. */
function resolve(file: string, target: string): string {
  return target.startsWith('.') ? posix.join(posix.dirname(file), target) : target;
}

function isOwnFile(target: string): boolean {
  return folders.includes(topFolder(target)) || target.startsWith('../');
}

function topFolder(path: string): string {
  return path.split('/')[0] ?? '';
}
