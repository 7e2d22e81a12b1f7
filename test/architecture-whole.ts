/** Rules that no file can be held against alone: circles, sizes, names. */
import { posix } from 'node:path';
import { importsOf } from './architecture-imports.ts';

/** Source files by their paths from the root of the project. */
export type Sources = ReadonlyMap<string, string>;

const MOST_LINES = 300;
const MOST_FILES = 15;
/** Entry points, which their folder names. */
const NAMELESS = new Set(['index', 'main']);

/** Each circle of files once, in the order of its imports. */
export function circlesIn(sources: Sources): string[] {
  const imports = new Map(
    [...sources].map(([file, source]) => [
      file,
      importsOf(file, source)
        .map(({ target }) => target)
        .filter(target => target !== file && sources.has(target)),
    ]),
  );
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.add(circleText(path.slice(at)));
    if (at >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return [...found].sort();
}

/** From its first file in the alphabet, so that a circle reads the same wherever it was met. */
function circleText(files: string[]): string {
  const first = files.indexOf([...files].sort()[0] ?? '');
  return [...files.slice(first), ...files.slice(0, first), files[first]].join(' → ');
}

export function longFilesIn(sources: Sources): string[] {
  return [...sources]
    .map(([file, source]) => ({ file, lines: source.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines; rule: a file has at most ${MOST_LINES}`);
}

export function fullRoomsIn(sources: Sources): string[] {
  const rooms = grouped(sources, file => posix.dirname(file));
  return [...rooms]
    .filter(([, files]) => files.length > MOST_FILES)
    .map(([room, files]) => `${room}/: ${files.length} files; rule: a room has at most ${MOST_FILES}`);
}

export function sharedNamesIn(sources: Sources): string[] {
  const names = grouped(sources, file => posix.basename(file).replace(/\..*$/, ''));
  return [...names]
    .filter(([name, files]) => files.length > 1 && !NAMELESS.has(name))
    .map(([name, files]) => `${name}: ${files.sort().join(', ')}; rule: two source files never share a name`);
}

function grouped(sources: Sources, keyOf: (file: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const file of sources.keys()) groups.set(keyOf(file), [...(groups.get(keyOf(file)) ?? []), file]);
  return groups;
}
