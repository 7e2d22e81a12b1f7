/** A workflow of GitHub's as its tests read it: as text, job by job. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Workflow {
  text: string;
  /** What stands before the jobs, without comments. */
  head: string;
  /** By name: the text of each job, without comments. */
  jobs: Record<string, string>;
}

/** @param name of the file in `.github/workflows`, without its ending */
export function readWorkflow(name: string): Workflow {
  const file = join(import.meta.dirname, '..', '..', '.github', 'workflows', `${name}.yml`);
  const text = readFileSync(file, 'utf8');
  const [head = '', jobs = ''] = text.replace(/(^|\s)#.*$/gm, '').split(/^jobs:$/m);
  const parts = jobs.split(/^ {2}(?=\S)/m).slice(1);
  return { text, head, jobs: Object.fromEntries(parts.map(job => [job.slice(0, job.indexOf(':')), job])) };
}

/** Jobs that have this permission. */
export function permittedJobs({ jobs }: Workflow, permission: string): string[] {
  return Object.keys(jobs).filter(name => jobs[name]?.includes(permission));
}

/** Actions that somebody else could change under way. */
export function movableActions({ text }: Workflow): string[] {
  const actions = [...text.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
  if (actions.length === 0) throw new Error('the workflow uses no action');
  return actions.filter(action => !/@[0-9a-f]{40}$/.test(action));
}
