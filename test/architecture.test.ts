/** What the folders may know of each other, and what the project may be built from. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { violationsIn } from './architecture.ts';
import { stillOpen } from './architecture-open.ts';
import { folders } from './architecture-rooms.ts';
import { circlesIn, fullRoomsIn, longFilesIn, sharedNamesIn } from './architecture-whole.ts';

const root = join(import.meta.dirname, '..');
const readJson = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** The source of the product and its tools; tests have their own measure. */
const sourceFolders = Object.keys(folders).filter(folder => folder !== 'test');
const sources = new Map(
  sourceFolders.flatMap(sourceFiles).map(file => [file, readFileSync(join(root, file), 'utf8')]),
);

/** What is broken now and listed nowhere, and what is listed and no longer broken. */
function beside(found: readonly string[], listed: Record<string, string>) {
  const isListed = (violation: string) => Object.keys(listed).some(start => violation.startsWith(start));
  const isFound = (start: string) => found.some(violation => violation.startsWith(start));
  return {
    broken: found.filter(violation => !isListed(violation)),
    mended: Object.keys(listed).filter(start => !isFound(start)),
  };
}
const NOTHING = { broken: [], mended: [] };

describe('the whole of the source', () => {
  it('has no circle of files', () => {
    expect(beside(circlesIn(sources), stillOpen.circles)).toEqual(NOTHING);
  });
  it('has no file that is too long', () => {
    expect(beside(longFilesIn(sources), stillOpen.longFiles)).toEqual(NOTHING);
  });
  it('has no room that is too full', () => {
    expect(beside(fullRoomsIn(sources), stillOpen.fullRooms)).toEqual(NOTHING);
  });
  it('has no two files of one name', () => {
    expect(beside(sharedNamesIn(sources), stillOpen.sharedNames)).toEqual(NOTHING);
  });

  it('is judged by rules that find what breaks them', () => {
    const circle = new Map([
      ['cli/b.ts', "import './c.ts';"],
      ['cli/a.ts', "import type { B } from './b.ts';\nimport './d.ts';"],
      ['cli/c.ts', "export * from './a.ts';"],
      ['cli/d.ts', ''],
    ]);
    expect(circlesIn(circle)).toEqual(['cli/a.ts → cli/b.ts → cli/c.ts → cli/a.ts']);
    expect(longFilesIn(new Map([['a/ok.ts', 'x\n'.repeat(300)]]))).toEqual([]);
    expect(longFilesIn(new Map([['a/long.ts', 'x\n'.repeat(301)]]))).toEqual([
      'a/long.ts: 301 lines; rule: a file has at most 300',
    ]);
    const room = (files: number): [string, string][] =>
      Array.from({ length: files }, (_, index) => [`a/b/${index}.ts`, '']);
    expect(fullRoomsIn(new Map(room(15)))).toEqual([]);
    expect(fullRoomsIn(new Map(room(16)))).toEqual(['a/b/: 16 files; rule: a room has at most 15']);
    const names = [
      'a/index.ts',
      'b/index.ts',
      'a/main.ts',
      'b/main.tsx',
      'a/one.ts',
      'b/one.mjs',
      'a/two.ts',
    ];
    expect(sharedNamesIn(new Map(names.map(name => [name, ''])))).toEqual([
      'one: a/one.ts, b/one.mjs; rule: two source files never share a name',
    ]);
  });
});

describe('the arrows between folders', () => {
  it.each(Object.keys(folders))('of %s/ all point where they may', folder => {
    const broken = sourceFiles(folder).flatMap(file =>
      violationsIn(file, readFileSync(join(root, file), 'utf8')),
    );
    const listed = Object.entries(stillOpen.arrows).filter(([start]) => start.startsWith(`${folder}/`));
    expect(beside(broken, Object.fromEntries(listed))).toEqual(NOTHING);
  });

  it('are read off at least one file of every layer', () => {
    for (const folder of ['bin', 'lib', 'lambdas', 'domain', 'local', 'test']) {
      expect(sourceFiles(folder)).not.toEqual([]);
    }
  });

  it.each<[string, string, string]>([
    [
      'domain/a.ts',
      "import { b } from '../lib/b.ts';",
      '1: imports lib/b.ts; rule: domain/ imports no other',
    ],
    ['domain/a.ts', "import { readFileSync } from 'node:fs';", '1: imports node:fs; rule: domain/ is pure'],
    [
      'domain/a.ts',
      "\nimport type { A } from '@aws-sdk/client-sqs';",
      '2: imports @aws-sdk/client-sqs; rule:',
    ],
    ['domain/a.ts', 'const now = Date.now();', '1: uses Date.now; rule: domain/ is pure'],
    ['domain/a.ts', 'const now = new Date();', '1: uses new Date without an argument; rule:'],
    ['domain/a.ts', 'const now = new Date;', '1: uses new Date without an argument; rule:'],
    ['domain/a.ts', 'const region = process.env.AWS_REGION;', '1: uses process; rule:'],
    ['domain/a.ts', 'await new Promise(done => setTimeout(done, 5));', '1: uses a timer; rule:'],
    [
      'lib/a.ts',
      "import '../lambdas/connect.ts';",
      '1: imports lambdas/connect.ts; rule: lib/ imports domain/',
    ],
    ['lib/a.ts', "import { S } from '../local/s.ts';", '1: imports local/s.ts; rule: lib/ imports domain/'],
    ['bin/a.ts', "import { S } from '../domain/s.ts';", '1: imports domain/s.ts; rule: bin/ imports lib/'],
    [
      'lambdas/sales/a.ts',
      "import type { S } from '../../lib/s.ts';",
      '1: imports lib/s.ts; rule: lambdas/ imports domain/',
    ],
    [
      'lambdas/a.ts',
      "import { Stack } from 'aws-cdk-lib';",
      '1: imports aws-cdk-lib; rule: only bin/, lib/ and packages/',
    ],
    ['client/a.ts', "export * from '../local/s.ts';", '1: imports local/s.ts; rule: client/ imports domain/'],
    ['client/a.ts', "export { a } from '../cli/s.ts';", '1: imports cli/s.ts; rule: client/ imports domain/'],
    [
      'cli/a.ts',
      "import {\n  a,\n  b,\n} from '../lib/s.ts';",
      '4: imports lib/s.ts; rule: cli/ imports domain/',
    ],
    ['cli/a.mjs', "await import('../lambdas/s.ts');", '1: imports lambdas/s.ts; rule: cli/ imports domain/'],
    [
      'local/a.ts',
      "import '../domain/s.ts';",
      '1: imports domain/s.ts; rule: local/ imports no other folder',
    ],
    [
      'local/kms/a.ts',
      "import type { Q } from '../sqs/q.ts';",
      '1: imports local/sqs/q.ts; rule: a service of local/',
    ],
    ['local/kms/a.ts', "import '../local-cloud.ts';", '1: imports local/local-cloud.ts; rule: a service of'],
    ['local/cloud-clock.ts', "import './kms/a.ts';", '1: imports local/kms/a.ts; rule: a service of local/'],
    [
      'lambdas/registry/a.ts',
      "import type { C } from '../fan-out/c.ts';",
      '1: imports lambdas/fan-out/c.ts; rule: lambdas/registry/ imports of lambdas/ aws/',
    ],
    [
      'lambdas/aws/a.ts',
      "import { h } from '../connect.ts';",
      '1: imports lambdas/connect.ts; rule: lambdas/aws/ imports of lambdas/ no other room',
    ],
    [
      'client/line/deep/a.ts',
      "import { s } from '../../options.ts';",
      '1: imports client/options.ts; rule: client/line/ imports of client/ time/',
    ],
    [
      'domain/time.ts',
      "import { u } from './updates/u.ts';",
      '1: imports domain/updates/u.ts; rule: a file of domain/ itself imports of domain/ no other room',
    ],
    ['lib/new/a.ts', "import '../b.ts';", '1: imports lib/b.ts; rule: lib/new/ is no room that'],
    ['tools/a.ts', "import './b.ts';", '1: imports tools/b.ts; rule: tools/ is no folder of the project'],
    [
      'lib/a.ts',
      "import '../../elsewhere/b.ts';",
      '1: imports ../elsewhere/b.ts; rule: lib/ imports domain/',
    ],
  ])('are broken in %s by %j', (file, source, violation) => {
    expect(violationsIn(file, source)).toEqual([expect.stringContaining(`${file}:${violation}`)]);
  });

  it.each<[string, string]>([
    ['domain/a.ts', "import * as v from 'valibot';\nimport { b } from './b.ts';"],
    ['domain/a.ts', 'const at = new Date(now).toISOString();'],
    ['domain/a.ts', '/** What a process does with Date.now(). */'],
    ['lib/a.ts', "import { Stack } from 'aws-cdk-lib';\nimport { names } from '../domain/names.ts';"],
    ['lib/a.ts', "const sources = join(root, 'lambdas');"],
    ['local/kms/a.ts', "import { clock } from '../clock.ts';\nimport './b.ts';\nimport './deep/c.ts';"],
    ['local/kms/deep/a.ts', "import '../b.ts';\nimport '../../clock.ts';"],
    ['local/edge/a.ts', "import '../kms/a.ts';\nimport '../sqs/b.ts';"],
    ['local/local-cloud.ts', "import './kms/a.ts';"],
    ['lambdas/fan-out/a.ts', "import '../updates/b.ts';\nimport '../../domain/c.ts';"],
    ['lambdas/connect.ts', "import './registry/b.ts';"],
    ['domain/basket.ts', "import './basket/b.ts';\nimport './retail/c.ts';"],
    ['client/updates/a.ts', "import './deep/b.ts';\nimport '../till/c.ts';"],
    ['test/lib/a.ts', "import '../../lib/b.ts';\nimport '../../local/c.ts';"],
  ])('hold in %s with %j', (file, source) => {
    expect(violationsIn(file, source)).toEqual([]);
  });
});

describe('the packages', () => {
  const manifest = readJson('package.json');
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  const versions = groups.flatMap(group => Object.entries<string>(manifest[group] ?? {}));

  it.each(versions)('%s is named in an exact version', (_name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('come under licences that let anyone use them', () => {
    const refused = lockedPackages().filter(
      ({ name, licence, dev }) => !isAllowed(licence, dev) && !isException(name, licence, dev),
    );
    expect(refused).toEqual([]);
  });

  it('run nothing when they are installed, but for two that build or fetch what they are', () => {
    const { packages } = readJson('package-lock.json') as { packages: Record<string, LockedPackage> };
    const scripts = Object.keys(packages).filter(path => packages[path]?.hasInstallScript);
    expect(scripts).toEqual(['node_modules/classic-level', 'node_modules/esbuild']);
  });

  it.each<[string, boolean, boolean]>([
    ['MIT', false, true],
    ['(MIT OR GPL-3.0-or-later)', false, true],
    ['MIT AND GPL-3.0-only', true, false],
    ['AGPL-3.0-only', true, false],
    ['SEE LICENSE IN LICENSE', true, false],
    ['', true, false],
    ['BlueOak-1.0.0', true, true],
    ['BlueOak-1.0.0', false, false],
  ])('%s, in development alone: %s, is allowed: %s', (licence, dev, allowed) => {
    expect(isAllowed(licence, dev)).toBe(allowed);
  });

  const permissive = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']);
  const permissiveInDevelopment = new Set(['BlueOak-1.0.0', 'CC0-1.0', 'Python-2.0']);

  /** Tests need them (Vite, under Vitest; axe) and don't change them; nothing that is deployed or runs holds any of it. */
  function isException(name: string, licence: string, dev: boolean): boolean {
    return dev && /^(lightningcss(-|$)|axe-core$)/.test(name) && licence === 'MPL-2.0';
  }

  /** Any side of an OR will do; every side of an AND must. */
  function isAllowed(licence: string, dev: boolean): boolean {
    const alternatives = licence.replaceAll(/[()]/g, '').split(' OR ');
    const allows = (name: string) => permissive.has(name) || (dev && permissiveInDevelopment.has(name));
    return alternatives.some(alternative => alternative.split(' AND ').every(allows));
  }
});

interface LockedPackage {
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}

/** Every package of the lockfile, by the licence that the lockfile gives it and by its own where it is installed. */
function lockedPackages(): { name: string; licence: string; dev: boolean }[] {
  const { packages } = readJson('package-lock.json') as { packages: Record<string, LockedPackage> };
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .flatMap(([path, { license = '', dev = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const licences = new Set([license, ownLicence(path) ?? license]);
      return [...licences].map(licence => ({ name, licence, dev }));
    });
}

function ownLicence(path: string): string | undefined {
  const file = join(path, 'package.json');
  if (!existsSync(join(root, file))) return undefined;
  const { license = '' } = readJson(file);
  // Long ago a licence was an object.
  return typeof license === 'object' ? String(license.type) : license;
}

function sourceFiles(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter(file => !file.includes('/node_modules/'));
}
