/** Holds one source file against the rules about what may import what, and what the domain may do. */
import { posix } from 'node:path';
import { importsOf } from './architecture-imports.ts';
import { folders, ROOT, rooms } from './architecture-rooms.ts';

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
  const allowed = folders[folder];
  if (allowed === undefined) return `${folder}/ is no folder of the project`;
  if (!isOwnFile(target)) return brokenPackageRule(folder, target);
  const targetFolder = topFolder(target);
  if (targetFolder !== folder && !allowed.includes(targetFolder)) {
    return `${folder}/ imports ${allowed.map(name => `${name}/`).join(', ') || 'no other folder'}`;
  }
  if (targetFolder !== folder) return undefined;
  return folder === 'local' ? brokenServiceRule(file, target) : brokenRoomRule(folder, file, target);
}

function brokenRoomRule(folder: string, file: string, target: string): string | undefined {
  const known = rooms[folder];
  const [room, targetRoom] = [roomOf(file), roomOf(target)];
  if (known === undefined || room === targetRoom) return undefined;
  const allowed = known[room];
  if (allowed === undefined) return `${folder}/${room}/ is no room that test/architecture-rooms.ts knows`;
  if (allowed.includes(targetRoom)) return undefined;
  const names = allowed.map(name => (name === ROOT ? `files of ${folder}/ itself` : `${name}/`));
  return `${nameOf(folder, room)} imports of ${folder}/ ${names.join(', ') || 'no other room'}`;
}

function nameOf(folder: string, room: string): string {
  return room === ROOT ? `a file of ${folder}/ itself` : `${folder}/${room}/`;
}

/** The first folder below the top one; what lies deeper belongs to the same room, and so does the room's front. */
function roomOf(file: string): string {
  const [folder = '', name = ROOT, deeper] = file.split('/');
  if (deeper !== undefined) return name;
  const stem = name.replace(/\..*$/, '');
  return rooms[folder]?.[stem] === undefined ? ROOT : stem;
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

function isOwnFile(target: string): boolean {
  return folders[topFolder(target)] !== undefined || target.startsWith('../');
}

function topFolder(path: string): string {
  return path.split('/')[0] ?? '';
}
