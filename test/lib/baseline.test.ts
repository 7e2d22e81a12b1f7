/**
 * The template of prod against the one that was agreed to, lib/checks/baseline.template.json: no wider permission, no
 * lost data. Where a change is meant, `npm run baseline` agrees to it, and the review sees the difference.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Properties, resourcesOf, type Template } from '../../lib/checks/template.ts';
import { patience } from '../patience.ts';
import { cdk, synthesize } from '../synthesize.ts';
import { lostData } from './lost-data.ts';

// Each runs the CDK's command line, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: patience(60_000), hookTimeout: patience(60_000) });

const baselineFile = join(import.meta.dirname, '..', '..', 'lib', 'checks', 'baseline.template.json');
const directory = mkdtempSync(join(tmpdir(), 'storecast-baseline-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const assembly = join(directory, 'cdk.out');
beforeAll(async () => {
  expect(await synthesize(assembly, 'env=prod')).toEqual({ exitCode: 0, output: '' });
});

const read = (file: string): Template => JSON.parse(readFileSync(file, 'utf8'));

describe('permissions', () => {
  /** What `cdk diff` says of the assembly, held against a template; it exits with 1 where a permission is wider. */
  const diff = (template: string) =>
    cdk('diff', '--app', assembly, '--template', template, '--fail-on', 'broadening');

  it('are no wider than agreed: if they are meant to be, run npm run baseline', async () => {
    const { exitCode, output } = await diff(baselineFile);
    expect(exitCode === 0 ? '' : output).toBe('');
  });

  it.each<[string, string, (properties: Properties) => void]>([
    [
      'an action more in a policy',
      'AWS::IAM::Policy',
      ({ PolicyDocument }) => {
        PolicyDocument.Statement = PolicyDocument.Statement.slice(1);
      },
    ],
    [
      'another invoker of a function',
      'AWS::Lambda::Permission',
      properties => {
        properties.Principal = 's3.amazonaws.com';
      },
    ],
  ])('that are wider are found: %s', async (_title, type, narrow) => {
    // The template as it is, against a baseline that had less.
    const template = read(join(assembly, 'Storecast.template.json'));
    const [first] = resourcesOf(template, type);
    if (first === undefined) throw new Error(`the template has no ${type}`);
    narrow(first.properties);
    const file = join(directory, 'narrower.json');
    writeFileSync(file, JSON.stringify(template));
    expect((await diff(file)).exitCode).toBe(1);
  });
});

it('data is kept as agreed: if it is meant to go, run npm run baseline', () => {
  expect(lostData(read(baselineFile), read(join(assembly, 'Storecast.template.json')))).toEqual([]);
});
