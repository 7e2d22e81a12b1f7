/** What npm would publish: whole, small, and as Node and TypeScript resolve it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  directoryForAll,
  execute,
  installInto,
  type Packed,
  packageFolders,
  packPackages,
} from './packed.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

const directory = directoryForAll();
let packed: Packed;
beforeAll(async () => {
  packed = await packPackages(directory);
});

describe.each(packageFolders)('dist/%s', folder => {
  const manifest = () => JSON.parse(readFileSync(join(packed.dist, folder, 'package.json'), 'utf8'));

  it('has nothing that publint would say of it', async () => {
    const { messages } = await publint({ pkgDir: join(packed.dist, folder), strict: true, pack: false });
    expect(messages.map(message => formatMessage(message, manifest()))).toEqual([]);
  });

  it('has types wherever TypeScript looks for them', async () => {
    // It is of ES modules alone, as the contract says: `require` takes it on a Node that can require those.
    const options = ['--ignore-rules', 'cjs-resolves-to-esm', '--format', 'json'];
    const said = await execute('attw', [packed.tarballs[folder], ...options], { cwd: directory });
    expect(Object.keys(JSON.parse(said).problems)).toEqual(['CJSResolvesToESM']);
  });

  it('installs without a script, and says which Node it needs', () => {
    const { engines, license, scripts } = manifest();
    expect({ license, scripts }).toEqual({ license: 'Apache-2.0', scripts: undefined });
    expect(engines.node).toMatch(/^>=/);
  });

  it('holds no TypeScript but declarations, and no path of the machine that built it', () => {
    const files = readdirSync(join(packed.dist, folder), { recursive: true, encoding: 'utf8' });
    expect(files.filter(file => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const built = files
      .filter(file => /\.(c?js|d\.ts|json)$/.test(file))
      .map(file => join(packed.dist, folder, file));
    expect(
      built.filter(file => readFileSync(file, 'utf8').includes(join(import.meta.dirname, '..', '..'))),
    ).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md']));
  });
});

it('the client brings one dependency at most, and 10 MB at most', async () => {
  const project = join(directory, 'small');
  await installInto(project, packed.tarballs.client);
  const installed = readdirSync(join(project, 'node_modules'), { recursive: true, encoding: 'utf8' });
  const bytes = installed
    .map(file => statSync(join(project, 'node_modules', file)))
    .filter(entry => entry.isFile());
  expect(bytes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(10_000_000);
  const { dependencies } = JSON.parse(readFileSync(join(packed.dist, 'client', 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['valibot']);
});

it('the README shows a part of the example of a till as it is', () => {
  const root = join(import.meta.dirname, '..', '..');
  const till = readFileSync(join(root, 'examples', 'till-node', 'till.js'), 'utf8');
  const shown = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```js\n(.*?)```/gs)];
  expect(shown).toHaveLength(1);
  expect(till).toContain(shown[0]?.[1]);
});
