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

it('break rules that the protocol has', () => {
  const protocol = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'protocol.md'), 'utf8');
  const anchors = [...protocol.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  expect(rules.filter(({ place }) => !anchors.includes(place))).toEqual([]);
});
