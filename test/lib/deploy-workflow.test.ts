/** Who of the deploy workflow can have the account's roles: the job that deploys, on main, and nothing that a package brings. */
import { expect, it } from 'vitest';
import { movableActions, permittedJobs, readWorkflow } from './workflow.ts';

const workflow = readWorkflow('deploy');
const { deploy, doctor } = workflow.jobs;

it('lets two jobs alone ask for the token that a role is had for', () => {
  expect(workflow.head).not.toContain('id-token');
  expect(permittedJobs(workflow, 'id-token: write')).toEqual(['deploy', 'doctor']);
});

it('installs and tests nothing in the job that deploys, and comes there from main alone', () => {
  expect(deploy).not.toMatch(/\bnp[mx]\b/);
  expect(deploy).toContain("if: github.ref == 'refs/heads/main'");
  expect(deploy).toMatch(/needs: \[test, synthesize\]/);
});

/** A role trusts an environment, so whoever runs under the same one may have it. */
it('walks through what was deployed under an environment that the role which deploys does not trust', () => {
  const environmentOf = (job = '') => /environment: (.*)/.exec(job)?.[1]?.trim();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
  expect(environmentOf(deploy)).toBe('${{ inputs.environment }}');
  expect(environmentOf(doctor)).toBe(`${environmentOf(deploy)}-doctor`);
  expect(doctor).toMatch(/needs: deploy\n/);
  expect(doctor).toContain('doctor --deployed --outputs outputs.json');
  // No package runs anything before the role is there.
  expect(doctor).toContain('npm ci --ignore-scripts');
});

it('takes every action by its commit', () => {
  expect(movableActions(workflow)).toEqual([]);
});
