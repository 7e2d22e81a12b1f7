/** A local cloud in a process of its own, on a clock that goes on when it is told to: its bill so far, and what it burned. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../../local/cloud-clock.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { answerQuestions } from '../processes.ts';
import type { Metered } from './metered-month.ts';

/** What the cloud has come to. */
export interface Reading extends Metered {
  /** How often the local cloud could not do what was asked: a machine that is too busy throttles. */
  faults: number;
}

export type CloudQuestion = 'outputs file' | 'reading' | 'stop' | { stepTo: number };

const [assemblyDirectory = ''] = process.argv.slice(2);
const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }));

let faults = 0;
const clock = createClock();

const cloud = startLocalCloud({
  ...{ assemblyDirectory, dataDirectory, clock, port: 0 },
  onError: () => {
    faults += 1;
  },
});

answerQuestions(async (question: CloudQuestion): Promise<string | Reading | undefined> => {
  const { bill, stop } = await cloud;
  if (question === 'outputs file') return join(dataDirectory, 'outputs.json');
  if (question === 'reading') {
    const { user, system } = process.cpuUsage();
    return { bill: bill(), cpuMs: (user + system) / 1000, faults };
  }
  if (question !== 'stop') {
    clock.advance(Math.max(0, question.stepTo - clock.now()));
    return undefined;
  }
  await stop();
  return undefined;
});
