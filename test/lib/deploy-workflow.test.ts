/** Who of the deploy workflow can have the account's role: its last job, on main, and nothing that a package brings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const file = join(import.meta.dirname, '..', '..', '.github', 'workflows', 'deploy.yml');
const workflow = readFileSync(file, 'utf8');
const [beforeJobs = '', jobsText = ''] = workflow.split(/^jobs:$/m);
/** By name: the text of each job, without comments. */
const jobs = Object.fromEntries(
  jobsText
    .replace(/\s#.*$/gm, '')
    .split(/^ {2}(?=\S)/m)
    .slice(1)
    .map(job => [job.slice(0, job.indexOf(':')), job]),
);

it('lets one job alone ask for the token that the role is had for', () => {
  expect(beforeJobs).not.toContain('id-token');
  const permitted = Object.entries(jobs).filter(([, job]) => job.includes('id-token: write'));
  expect(permitted.map(([name]) => name)).toEqual(['deploy']);
});

it('installs and tests nothing in that job, and comes there from main alone', () => {
  expect(jobs.deploy).not.toMatch(/\bnp[mx]\b/);
  expect(jobs.deploy).toContain("if: github.ref == 'refs/heads/main'");
  expect(jobs.deploy).toMatch(/needs: \[test, synthesize\]/);
});

it('takes every action by its commit', () => {
  const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
  expect(actions.length).toBeGreaterThan(0);
  expect(actions.filter(action => !/@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([]);
});
