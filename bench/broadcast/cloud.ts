/** A local cloud in a process of its own, with AWS's limits but for the stores' connecting, which is not measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { answerQuestions } from '../processes.ts';

const [assemblyDirectory = ''] = process.argv.slice(2);
const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-bench-'));
process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }));

/** What the last events say when their Lambdas are ended is no fault. */
let isStopping = false;

const cloud = startLocalCloud({
  onError: message => {
    if (!isStopping) console.error(message);
  },
  assemblyDirectory,
  dataDirectory,
  port: 0,
  limits: { newConnections: { rate: 100_000, burst: 100_000 } },
});

answerQuestions(async (question: 'outputs file' | 'stop') => {
  const { stop } = await cloud;
  isStopping = question === 'stop';
  if (isStopping) await stop();
  return join(dataDirectory, 'outputs.json');
});
