/** docs/security.md names a test for each threat: the table is no better than the tests that it names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
const [threats = ''] = text.split('\n## ');
const rows = threats
  .split('\n')
  .filter(line => line.startsWith('|') && !/^\| (threat|---) \|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()));

it('lists threats', () => {
  expect(rows.length).toBeGreaterThan(20);
});

it.each(rows.map(([, threat = '', answer = '', tests = '']) => ({ threat, answer, tests })))(
  'has an answer and a test that there is: $threat',
  ({ answer, tests }) => {
    expect(answer).not.toBe('');
    const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    expect(named.length).toBeGreaterThan(0);
    for (const file of named) {
      expect(file).toMatch(/^test\/.+\.test\.ts$/);
      expect(existsSync(join(root, file)), `${file} is not there`).toBe(true);
    }
  },
);
