/** The bundles that the template ships: each one file that needs nothing but Node. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it, onTestFinished } from 'vitest';

const { bundles } = inject('synthesis');
const sources = join(import.meta.dirname, '..', '..', 'lambdas');
const handlers = readdirSync(sources)
  .filter(file => file.endsWith('.ts'))
  .map(file => basename(file, '.ts'));

it('has a bundle for each handler and for nothing else', () => {
  expect(readdirSync(bundles).sort()).toEqual(handlers.sort());
});

describe.each(handlers)('the bundle of %s', handler => {
  const directory = join(bundles, handler);

  it('is one file of CommonJS', () => {
    expect(readdirSync(directory)).toEqual(['index.cjs']);
  });

  it('names no module but those of Node, not even one to be loaded later', () => {
    const text = readFileSync(join(directory, 'index.cjs'), 'utf8');
    const named = [...text.matchAll(/\b(?:require|import)\(["'`]([^"'`]+)["'`]\)/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(name => name !== undefined && !isBuiltin(name))).toEqual([]);
  });

  it('exports its handler far from any node_modules, without an environment', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'storecast-bundle-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    cpSync(directory, elsewhere, { recursive: true });
    const script = 'process.stdout.write(typeof require("./index.cjs").handler)';
    const options = { cwd: elsewhere, env: {} };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script], options);
    expect({ stdout, stderr }).toEqual({ stdout: 'function', stderr: '' });
  });
});
