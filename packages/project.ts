/** What the packages take over from the project. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const { dependencies, devDependencies, license, version } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

/** The oldest Node that may `require` an ES module without being asked. */
export const OLDEST_NODE = '>=20.19';
/** The oldest whose SQLite needs no flag, for the local cloud. */
export const OLDEST_NODE_WITH_SQLITE = '>=22.13';

/** @returns the exact versions that the project itself is tested with */
export function versionsOf(names: Iterable<string>): Record<string, string> {
  return Object.fromEntries([...names].sort().map(name => [name, versionOf(name)]));
}

/** @throws Error for a package that is no dependency of the project: a built file imports it all the same */
function versionOf(name: string): string {
  const found = dependencies[name] ?? devDependencies[name];
  if (found !== undefined) return found;
  throw new Error(`${name} is imported by a package and is no dependency in package.json: add it there`);
}

/**
 * Writes `package.json` and the licence, and the README that lies beside the package's build.
 *
 * @param source folder of the package in `packages/`
 */
export function describePackage(directory: string, source: string, manifest: object): void {
  const whole = { version, license, type: 'module', publishConfig: { access: 'public' }, ...manifest };
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(whole, undefined, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
  cpSync(join(root, 'packages', source, 'README.md'), join(directory, 'README.md'));
}
