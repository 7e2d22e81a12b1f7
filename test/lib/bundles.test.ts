/** The bundles that the template ships: each one file that needs nothing but Node. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handlerBundle } from '../../lib/bundle/bundles.ts';
import { removeBundlesAfterAll } from './own-bundles.ts';
import { resourcesOf, stack } from './template.ts';

removeBundlesAfterAll();
const root = join(import.meta.dirname, '..', '..');
const handlers = readdirSync(join(root, 'lambdas'))
  .filter(file => file.endsWith('.ts'))
  .map(file => basename(file, '.ts'));

/** The SDK looks for them when a PutEvents names a global endpoint, which none of ours does. */
const signersOfGlobalEndpoints = new Set(['@aws-sdk/signature-v4-crt', '@aws-sdk/signature-v4a']);

/** Node with nothing of this process around it; answers what it wrote. */
async function runNode(
  script: string,
  options: { cwd: string },
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['-e', script], { ...options, env: {} });
}

it('are all shipped, and nothing else is', () => {
  const shipped = resourcesOf('AWS::Lambda::Function').map(({ properties }) =>
    digestOf(stack.assetDirectory(properties.Code.S3Key)),
  );
  expect(shipped.sort()).toEqual(handlers.map(handler => digestOf(handlerBundle(handler))).sort());
});

/**
 * KB, a little above what each is now: a cold start reads and compiles every one of them. To grow on purpose is to
 * change this table; the goal is 225, which management, broadcasting and answering frames miss.
 */
const LIMITS: Record<string, number> = {
  authorize: 205,
  broadcast: 270,
  connect: 178,
  default: 265,
  disconnect: 171,
  drift: 224,
  gather: 160,
  gauge: 158,
  live: 229,
  management: 376,
  outbound: 223,
  redeliver: 214,
  rollouts: 225,
  rollup: 170,
};

describe.each(handlers)('the bundle of %s', handler => {
  const directory = handlerBundle(handler);

  it('is one file of CommonJS, and the page beside the one that serves it', () => {
    expect(readdirSync(directory)).toEqual(handler === 'management' ? ['index.cjs', 'page'] : ['index.cjs']);
  });

  it('is no larger than its limit', () => {
    expect(statSync(join(directory, 'index.cjs')).size / 1000).toBeLessThanOrEqual(LIMITS[handler] ?? 0);
  });

  it('names no module but those of Node, not even one to be loaded later', () => {
    const named = [...textOf(directory).matchAll(/\b(?:require|import)\(["'`]([^"'`]+)["'`]\)/g)].map(
      ([, name]) => name,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(
      named.filter(name => name !== undefined && !isBuiltin(name) && !signersOfGlobalEndpoints.has(name)),
    ).toEqual([]);
  });

  it('exports its handler far from any node_modules, without an environment', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'storecast-bundle-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    cpSync(directory, elsewhere, { recursive: true });
    const script = 'process.stdout.write(typeof require("./index.cjs").handler)';
    expect(await runNode(script, { cwd: elsewhere })).toEqual({ stdout: 'function', stderr: '' });
  });
});

it('of two processes that synthesize at once lie apart, and go with their process', async () => {
  const module = pathToFileURL(join(root, 'lib', 'bundle', 'bundles.ts'));
  const script = `import(${JSON.stringify(module)}).then(({ handlerBundle }) => {
    process.stdout.write(handlerBundle('connect'));
  })`;
  const runs = await Promise.all([runNode(script, { cwd: root }), runNode(script, { cwd: root })]);
  const directories = runs.map(({ stdout }) => stdout);
  expect(new Set(directories).size).toBe(2);
  for (const directory of directories) {
    expect(directory).toMatch(/connect$/);
    expect(existsSync(directory)).toBe(false);
  }
});

describe('the page', () => {
  const page = join(handlerBundle('management'), 'page');
  const assets = readdirSync(join(page, 'assets'));
  const document = readFileSync(join(page, 'index.html'), 'utf8');

  it('is a style sheet and scripts, named by what is in them; the document names all but what is opened', () => {
    expect(assets.map(name => name.replace(/-[A-Z0-9]{8}\./, '-HASH.')).sort()).toEqual([
      ...['chunk-HASH.js', 'chunk-HASH.js.br', 'chunk-HASH.js.gz'],
      ...['later-parts-HASH.js', 'later-parts-HASH.js.br', 'later-parts-HASH.js.gz'],
      ...['page-HASH.css', 'page-HASH.css.br', 'page-HASH.css.gz'],
      ...['page-HASH.js', 'page-HASH.js.br', 'page-HASH.js.gz'],
    ]);
    const plain = assets.filter(name => !/\.(br|gz)$/.test(name));
    const later = plain.filter(name => !document.includes(`"assets/${name}"`));
    expect(later).toEqual([expect.stringMatching(/^later-parts-/)]);
    expect([...document.matchAll(/\{\{\w+\}\}/g)].map(([name]) => name)).toEqual(['{{endpoint}}']);
  });

  it('is small, and asks no other place for anything', () => {
    // At first: what publishes, and what is opened by hand, comes after the figures.
    const size = (ending: string) =>
      assets
        .filter(name => name.endsWith(ending) && !name.startsWith('later-parts-'))
        .reduce((sum, name) => sum + statSync(join(page, 'assets', name)).size, 0);
    // On the wire, for a browser of today and for any.
    expect(size('.js.br')).toBeLessThan(60 * 1_024);
    expect(size('.js.gz')).toBeLessThan(72_000);
    const texts = assets
      .filter(name => /\.(js|css)$/.test(name))
      .map(name => readFileSync(join(page, 'assets', name), 'utf8'));
    // A namespace is a name, not a place.
    const places = texts.flatMap(text => text.match(/https?:\/\/[^"'`\s)]+/g) ?? []);
    expect(places.filter(place => !place.startsWith('http://www.w3.org/'))).toEqual([]);
  });
});

function digestOf(directory: string): string {
  return createHash('sha256').update(textOf(directory)).digest('hex');
}

function textOf(directory: string): string {
  return readFileSync(join(directory, 'index.cjs'), 'utf8');
}
