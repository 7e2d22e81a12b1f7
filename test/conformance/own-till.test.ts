/** The example of a till, on the client of the project, keeps every rule. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { judge } from '../../conformance/judge.ts';
import { rules } from '../../conformance/rules.ts';
import { patience } from '../patience.ts';
import { buildTill } from './built-till.ts';

const directory = mkdtempSync(join(tmpdir(), 'storecast-own-till-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('keeps every rule', { timeout: 900_000 }, async () => {
  const till = await buildTill(directory);
  const findings = await judge({
    rules,
    command: () => [process.execPath, till],
    atOnce: 16,
    patience: patience(1),
  });
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
});
