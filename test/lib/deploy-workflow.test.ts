/** Who of the deploy workflow can have the account's role: its last job, on main, and nothing that a package brings. */
import { expect, it } from 'vitest';
import { movableActions, permittedJobs, readWorkflow } from './workflow.ts';

const workflow = readWorkflow('deploy');
const { deploy } = workflow.jobs;

it('lets one job alone ask for the token that the role is had for', () => {
  expect(workflow.head).not.toContain('id-token');
  expect(permittedJobs(workflow, 'id-token: write')).toEqual(['deploy']);
});

it('installs and tests nothing in that job, and comes there from main alone', () => {
  expect(deploy).not.toMatch(/\bnp[mx]\b/);
  expect(deploy).toContain("if: github.ref == 'refs/heads/main'");
  expect(deploy).toMatch(/needs: \[test, synthesize\]/);
});

it('takes every action by its commit', () => {
  expect(movableActions(workflow)).toEqual([]);
});
