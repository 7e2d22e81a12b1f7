/** Who of the release workflow can publish: one job, after the tests, that runs nothing which a package brings. */
import { expect, it } from 'vitest';
import { movableActions, permittedJobs, readWorkflow } from './workflow.ts';

const workflow = readWorkflow('release');
const { publish, build, notes } = workflow.jobs;
const commandsOf = (job = '') => [...job.matchAll(/\b(?:npm|npx|node|gh) \S+/g)].map(([command]) => command);

it('runs for a tag of a version alone, and has no permission but what a job names', () => {
  expect(workflow.head).toMatch(/^on:\n {2}push:\n {4}tags: \['v\*'\]\npermissions: \{\}$/m);
});

it('lets one job ask for the token that npm takes, and another one write the release', () => {
  expect(permittedJobs(workflow, 'id-token: write')).toEqual(['publish']);
  expect(permittedJobs(workflow, 'contents: write')).toEqual(['notes']);
  expect(workflow.text).not.toContain('secrets.');
});

it('publishes what was built, once it was tested and somebody has agreed, and runs no script of it', () => {
  expect(publish).toMatch(/needs: \[test, build\]/);
  expect(publish).toContain('environment: release');
  expect(publish).not.toContain('actions/checkout');
  expect(commandsOf(publish)).toEqual(['npm publish']);
  expect(publish).toContain('--provenance --access public --ignore-scripts');
});

it('builds all three packages, their bill of materials, and the notes of the version', () => {
  expect(commandsOf(build)).toEqual(['npm ci', 'npm run', 'node -p', 'npm pkg', 'npm pack', 'npm sbom']);
  expect(build).toContain('for package in client local-cloud storecast; do');
  expect(build).toContain('npm sbom --omit dev --sbom-format cyclonedx');
  expect(commandsOf(notes)).toEqual(['gh release']);
});

it('takes every action by its commit', () => {
  expect(movableActions(workflow)).toEqual([]);
});
