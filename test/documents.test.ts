/** Whoever comes in by a document finds what it points to. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const documentsIn = (folder: string, recursive = false) =>
  readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
    .filter(file => /\.md$|^llms\.txt$/.test(file))
    .map(file => join(folder, file));
const documents = [...documentsIn('.'), ...documentsIn('docs', true), ...documentsIn('.github')];

it.each(documents)('%s points to what is there', document => {
  const links = [...readFileSync(join(root, document), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)];
  const broken = links
    .map(([, target = '']) => target)
    .filter(target => !/^(https?|mailto):/.test(target) && !isThere(document, target));
  expect(broken).toEqual([]);
});

function isThere(document: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = join(root, path === '' ? document : join(dirname(document), path));
  if (!existsSync(file)) return false;
  return anchor === undefined || (statSync(file).isFile() && anchorsOf(file).has(anchor));
}

/** As GitHub names headings. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
