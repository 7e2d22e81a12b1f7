/** The packages as npm would publish them, and empty projects that they are installed into. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const binaries = join(root, 'node_modules', '.bin');

/** Nodes of an older line, as npm packages. */
const OTHER_NODES = { '20.19': '20.19.6', '22': '22.23.3' } as const;
export type NodeLine = keyof typeof OTHER_NODES | '24';

export interface Packed {
  /** Built packages, a folder each. */
  readonly dist: string;
  readonly tarballs: Readonly<Record<PackageFolder, string>>;
}
export const packageFolders = ['client', 'local-cloud', 'storecast'] as const;
export type PackageFolder = (typeof packageFolders)[number];

/** A directory that goes when the file's tests have run. */
export function directoryForAll(): string {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-packages-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

/** Builds and packs all three. */
export async function packPackages(directory: string): Promise<Packed> {
  const dist = join(directory, 'dist');
  await execute(process.execPath, [join(root, 'packages', 'packages.mjs'), dist], { cwd: root });
  const packs = packageFolders.map(async folder => {
    const target = join(directory, 'tarballs', folder);
    mkdirSync(target, { recursive: true });
    await npm(join(dist, folder), 'pack', '--silent', '--pack-destination', target);
    return [folder, join(target, readdirSync(target)[0] ?? '')] as const;
  });
  return { dist, tarballs: Object.fromEntries(await Promise.all(packs)) as Packed['tarballs'] };
}

/** Installs into a project of ES modules that has nothing else, unless it is there already; peers are left to it. */
export async function installInto(project: string, ...packages: string[]): Promise<void> {
  mkdirSync(project, { recursive: true });
  if (!existsSync(join(project, 'package.json'))) {
    writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  }
  const quick = ['--prefer-offline', '--no-audit', '--no-fund'];
  await npm(project, 'install', '--legacy-peer-deps', ...quick, ...packages);
}

/** Puts packages of this project into another, as links: the CDK has 160 MB, and the peers of a package come from its user. */
export function linkInto(project: string, ...names: string[]): void {
  for (const name of names)
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
}

/** @returns the executables of the three lines */
export async function installNodes(directory: string): Promise<Readonly<Record<NodeLine, string>>> {
  const name = (line: string) => `node-${line}`;
  const specs = Object.entries(OTHER_NODES).map(
    ([line, version]) => `${name(line)}@npm:node-${process.platform}-${process.arch}@${version}`,
  );
  await installInto(directory, ...specs);
  const executable = (line: string) => join(directory, 'node_modules', name(line), 'bin', 'node');
  return { '20.19': executable('20.19'), '22': executable('22'), '24': process.execPath };
}

/** It knows from the environment where the registry is. */
async function npm(cwd: string, ...options: string[]): Promise<void> {
  await execute('npm', options, { cwd, env: process.env });
}

export interface ExecuteOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Goes first in the PATH: what starts `node` gets this one. */
  node?: string;
}

/** @returns what it wrote to stdout. @throws Error with all that it said, if it fails */
export async function execute(file: string, options: string[], how: ExecuteOptions): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, options, { cwd: how.cwd, env: environmentOf(how) });
    return stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

/** A program that runs until the test is over; `said` resolves with the first line that fits. */
export interface Running {
  said(pattern: RegExp): Promise<string>;
  /** A line of JSON to its standard input. */
  tell(line: object): void;
  process: ChildProcess;
}

export function start(file: string, options: string[], how: ExecuteOptions): Running {
  const child = spawn(file, options, {
    cwd: how.cwd,
    env: environmentOf(how),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    text += chunk;
    for (const look of waiting) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<void>(resolve => child.on('close', () => resolve()));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  return {
    process: child,
    tell: line => child.stdin.write(`${JSON.stringify(line)}\n`),
    said: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = text.split('\n').find(candidate => pattern.test(candidate));
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        void ended.then(() => reject(new Error(`it ended and never said ${pattern}, but:\n${text}`)));
        look();
      }),
  };
}

/** Nothing of this process's own but where programs are, unless it is given. */
function environmentOf({ env = {}, node }: ExecuteOptions): NodeJS.ProcessEnv {
  const { HOME = '', PATH = '' } = process.env;
  const path = [...(node === undefined ? [] : [dirname(node)]), binaries, PATH].join(delimiter);
  return { HOME, ...env, PATH: path };
}
