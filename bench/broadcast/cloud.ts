/**
 * A local cloud in a process of its own, with AWS's limits; but for the stores' connecting where that is not what is
 * measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { answerQuestions } from '../processes.ts';

const [assemblyDirectory = '', connecting = 'at once', kept] = process.argv.slice(2);
/** Kept where the next process goes on with it. */
const dataDirectory = kept ?? mkdtempSync(join(tmpdir(), 'storecast-bench-'));
if (kept === undefined) process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }));

/** What the last events say when their Lambdas are ended is no fault. */
let isStopping = false;
/** A cloud that is too busy says the same thousands of times. */
const said = new Set<string>();

const cloud = startLocalCloud({
  onError: message => {
    if (!isStopping && !said.has(message)) console.error(message);
    said.add(message);
  },
  assemblyDirectory,
  dataDirectory,
  port: 0,
  limits: connecting === 'as on AWS' ? {} : { newConnections: { rate: 100_000, burst: 100_000 } },
});

answerQuestions(async (question: 'outputs file' | 'cpu' | 'stop') => {
  const { stop } = await cloud;
  if (question === 'cpu') return process.cpuUsage();
  isStopping = question === 'stop';
  if (isStopping) await stop();
  return join(dataDirectory, 'outputs.json');
});
