/** The command by which a till maker judges a till. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { junitOf } from '../../conformance/junit.ts';
import { buildTill } from '../conformance/built-till.ts';
import { directory, fileOf, storecast } from './storecast.ts';

beforeAll(() => buildTill(directory));

const rulesOf = (...ids: string[]) => ids.flatMap(id => ['--rule', id]);
const till = (...faults: string[]) => ['--', process.execPath, 'till.mjs', ...faults];

it('says which rules a till keeps, and ends with 0 where it keeps all', async () => {
  const { exitCode, stdout } = await storecast([
    'conformance',
    ...rulesOf('connect-token', 'sale-killed'),
    ...till(),
  ]);
  expect(stdout).toMatch(/^✔ connect-token {2}/m);
  expect(stdout).toMatch(/^2 of 2 rules are kept, 0 broken$/m);
  expect(exitCode).toBe(0);
});

it.concurrent('says what a till did wrong and where the protocol has it, and ends with 1', async () => {
  const ids = rulesOf('sale-killed', 'update-applied');
  const trace = join(directory, 'trace.jsonl');
  const options = [...ids, '--trace', trace];
  const { exitCode, stdout, stderr } = await storecast(['conformance', ...options, ...till('sale-killed')]);
  expect(stderr).toContain(
    '✖ sale-killed: the till did not send a sale within 20 seconds (docs/protocol.md#crash-points)',
  );
  expect(stderr).toMatch(
    /^ {2}so far: .*the till was killed at .* s, .*, line 2 synced at .* s; \d+ frames? from the till in the \S+ s since$/m,
  );
  expect(stdout).toMatch(/^1 of 2 rules are kept, 1 broken$/m);
  expect(exitCode).toBe(1);
  const entries = readFileSync(trace, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const killed = entries.filter(({ rule }) => rule === 'sale-killed');
  expect(killed).toContainEqual(
    expect.objectContaining({ line: 2, till: expect.objectContaining({ action: 'sync' }) }),
  );
  expect(killed).toContainEqual(
    expect.objectContaining({ line: 2, chain: expect.objectContaining({ type: 'synced' }) }),
  );
  expect(killed).toContainEqual(expect.objectContaining({ in: { sell: expect.anything() } }));
});

it.concurrent('prints JSON for programs, and writes JUnit XML for build servers', async () => {
  const report = join(directory, 'report.xml');
  const ids = rulesOf('connect-token', 'update-applied');
  const options = ['--json', '--junit', report];
  const { exitCode, stdout } = await storecast([
    'conformance',
    ...ids,
    ...options,
    ...till('update-applied'),
  ]);
  const { items } = JSON.parse(stdout);
  expect(items).toMatchObject([
    { rule: 'connect-token', status: 'passed', place: 'connecting', detail: null },
    { rule: 'update-applied', status: 'failed', detail: expect.stringContaining('send a receipt') },
  ]);
  const xml = readFileSync(report, 'utf8');
  expect(xml).toContain('tests="2" failures="1" skipped="0"');
  expect(xml).toMatch(/<testcase[^>]*update-applied[^>]*><failure message="the till did not send a receipt/);
  expect(exitCode).toBe(1);
});

it('shows the last words of a till that ends by itself', async () => {
  const crashing = fileOf('crashing.mjs', "console.error('no cash drawer'); process.exit(4);");
  const { exitCode, stderr } = await storecast([
    'conformance',
    ...rulesOf('connect-token'),
    '--',
    process.execPath,
    crashing,
  ]);
  expect(stderr).toContain('the till ended by itself (4): no cash drawer');
  expect(exitCode).toBe(1);
});

it('lists its rules without a till', async () => {
  const { stdout } = await storecast(['conformance', '--list', '--json']);
  const { items } = JSON.parse(stdout);
  expect(items.length).toBeGreaterThan(60);
  expect(items[0]).toEqual({ rule: 'connect-token', sentence: expect.any(String), place: 'connecting' });
});

it.each([
  ['no command', ['conformance'], 'name the command that starts the till, after --'],
  ['an unknown rule', ['conformance', '--rule', 'no-such', ...till()], "there is no rule 'no-such'"],
  ['a till that is not there', ['conformance', '--', './no-till'], "storecast: the till can't be started: "],
])('refuses %s with 2', async (_, options, sentence) => {
  const { exitCode, stderr } = await storecast(options);
  expect(stderr).toContain(sentence);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(exitCode).toBe(2);
});

it('writes XML that holds whatever a till has said', () => {
  const finding = { rule: 'r', sentence: 'says "a" < b & c', place: 'p', seconds: 1.5 } as const;
  const xml = junitOf([
    { ...finding, status: 'failed', detail: '\u0000<x> \ud800', course: 'line 1 <opened>' },
  ]);
  expect(xml).toContain('name="r: says &quot;a&quot; &lt; b &amp; c" time="1.5"');
  expect(xml).toContain('<failure message=" &lt;x&gt; \ufffd">line 1 &lt;opened&gt;</failure>');
});
