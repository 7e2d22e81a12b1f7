/** Each rule catches a till that breaks it, and says where the protocol has it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { judge } from '../../conformance/judge.ts';
import { rules } from '../../conformance/rules.ts';
import { buildTill } from './built-till.ts';
import { faults } from './faults.ts';

const directory = mkdtempSync(join(tmpdir(), 'storecast-broken-tills-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('are caught, each by the rule that it breaks', { timeout: 900_000 }, async () => {
  const till = await buildTill(directory);
  const findings = await judge({
    rules: rules.filter(({ id }) => id in faults),
    command: ({ id }) => [process.execPath, till, id],
    atOnce: 16,
    patience: 1,
  });
  expect(findings.filter(({ status }) => status !== 'failed').map(({ rule }) => rule)).toEqual([]);
  // A till that can't even start breaks any rule.
  expect(findings.filter(({ detail }) => detail?.includes('ended by itself'))).toEqual([]);
});

it('are there for every rule', () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(faults).toSorted()).toEqual(ids.toSorted());
});

const documentOf = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');

it('break rules that the document lists, each with its place in the protocol', () => {
  const rows = rules.map(
    ({ id, sentence, place }) => `| \`${id}\` | ${sentence} | [#](protocol.md#${place}) |`,
  );
  const document = documentOf('conformance.md');
  expect(document).toContain(`\n${rows.join('\n')}\n<!-- end -->\n`);
});
