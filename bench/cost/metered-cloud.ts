/** A local cloud in a process of its own, on a clock that goes on when it is told to: its bill so far, and what it burned. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { answerQuestions } from '../processes.ts';

/** What the cloud has come to. */
export interface Reading {
  bill: Bill;
  cpuMs: number;
}

export type CloudQuestion = 'outputs file' | 'reading' | 'stop' | { step: number };

const [assemblyDirectory = ''] = process.argv.slice(2);
const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }));

/** What the last events say when their Lambdas are ended is no fault. */
let isStopping = false;
const clock = createClock();

const cloud = startLocalCloud({
  ...{ assemblyDirectory, dataDirectory, clock, port: 0 },
  onError: message => {
    if (!isStopping) console.error(message);
  },
});

answerQuestions(async (question: CloudQuestion): Promise<string | Reading | undefined> => {
  const { bill, stop } = await cloud;
  if (question === 'outputs file') return join(dataDirectory, 'outputs.json');
  if (question === 'reading') {
    const { user, system } = process.cpuUsage();
    return { bill: bill(), cpuMs: (user + system) / 1000 };
  }
  if (question !== 'stop') {
    clock.advance(question.step);
    return undefined;
  }
  isStopping = true;
  await stop();
  return undefined;
});
