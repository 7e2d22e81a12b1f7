/** A local cloud whose clock goes fast, in a process of its own: its bill so far, and what it burned. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { awsLimits } from '../../local/cloud-options.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { answerQuestions } from '../processes.ts';
import { type ClockStart, FastClock } from './fast-clock.ts';

/** What the cloud has come to. */
export interface Reading {
  bill: Bill;
  cpuMs: number;
}

const [assemblyDirectory = '', start = '{}'] = process.argv.slice(2);
const clock = JSON.parse(start) as ClockStart;
const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }));

/** What the last events say when their Lambdas are ended is no fault. */
let isStopping = false;

const cloud = startLocalCloud({
  assemblyDirectory,
  dataDirectory,
  port: 0,
  clock: new FastClock(clock),
  // What takes its time on the machine takes it many times over on a clock that goes fast.
  limits: { integrationTimeoutSeconds: awsLimits.integrationTimeoutSeconds * clock.speed },
  onError: message => {
    if (!isStopping) console.error(message);
  },
});

answerQuestions(async (question: 'outputs file' | 'reading' | 'stop') => {
  const { bill, stop } = await cloud;
  if (question === 'outputs file') return join(dataDirectory, 'outputs.json');
  if (question === 'reading') {
    const { user, system } = process.cpuUsage();
    return { bill: bill(), cpuMs: (user + system) / 1000 } satisfies Reading;
  }
  isStopping = true;
  return stop();
});
