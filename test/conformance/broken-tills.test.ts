/** Each rule catches a till that breaks it, lets pass what the document allows, and says where the protocol has it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { judge } from '../../conformance/judge.ts';
import type { Finding } from '../../conformance/rule.ts';
import { rules } from '../../conformance/rules.ts';
import { patience } from '../patience.ts';
import { buildTill } from './built-till.ts';
import { faults } from './faults.ts';
import { liberties } from './liberties.ts';

const directory = mkdtempSync(join(tmpdir(), 'storecast-broken-tills-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ATTEMPTS = 3;
const till = buildTill(directory);

it.concurrent('are caught, each by the rule that it breaks', { timeout: 900_000 }, async () => {
  const file = await till;
  const command = ({ id }: { id: string }) => [process.execPath, file, id];
  const findings: Finding[] = [];
  let missed = rules.filter(({ id }) => id in faults);
  // A till that is killed may get away with it, where the machine is busy.
  for (let attempt = 0; missed.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    const found = await judge({ rules: missed, command, atOnce: 32, patience: 1 });
    findings.push(...found);
    const caught = new Set(found.filter(({ status }) => status === 'failed').map(({ rule }) => rule));
    missed = missed.filter(({ id }) => !caught.has(id));
  }
  expect(missed.map(({ id }) => id)).toEqual([]);
  // A till that can't even start breaks any rule.
  expect(findings.filter(({ detail }) => detail?.includes('ended by itself'))).toEqual([]);
});

it.concurrent('are not seen in one that takes its liberties', { timeout: 900_000 }, async () => {
  const file = await till;
  const free = Object.entries(liberties).map(([name, { rule: id }]) => {
    const rule = rules.find(rule => rule.id === id);
    if (rule === undefined) throw new Error(`there is no rule ${id}`);
    return { ...rule, id: name };
  });
  const command = ({ id }: { id: string }) => [process.execPath, file, id];
  const findings = await judge({ rules: free, command, atOnce: free.length, patience: patience(1) });
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
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
