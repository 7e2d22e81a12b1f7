/** The local cloud in a process of its own, with faults on demand, to be killed at any moment. */

import { answerQuestions } from '../../bench/processes.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { type CloudFaults, injectFaults, NO_FAULTS } from './faults.ts';
import { Random } from './random.ts';

export type Question = 'ready' | 'figures' | 'stop' | { faults: CloudFaults } | { advanceMs: number };

export interface Figures {
  /** What was injected since this process started, by kind. */
  injected: Record<string, number>;
  memory: { rss: number; heapUsed: number };
}

const [assemblyDirectory = '', dataDirectory = '', seed = '0'] = process.argv.slice(2);
const clock = createClock();
const injected: Record<string, number> = {};
let faults = NO_FAULTS;
let isStopping = false;
const cloud = startLocalCloud({
  assemblyDirectory,
  dataDirectory,
  port: 0,
  clock,
  faults: injectFaults(
    () => faults,
    new Random(Number(seed)),
    what => {
      injected[what] = (injected[what] ?? 0) + 1;
    },
  ),
  // Failures of what was made to fail are no news; that something is lost is.
  onError: message => {
    if (!isStopping && message.includes('is lost')) console.error(message);
  },
});

answerQuestions(async (question: Question): Promise<Figures | undefined> => {
  const { stop } = await cloud;
  if (question === 'figures') return figures();
  if (question === 'stop') {
    isStopping = true;
    await stop();
  } else if (typeof question === 'object' && 'faults' in question) ({ faults } = question);
  else if (typeof question === 'object') clock.advance(question.advanceMs);
  return undefined;
});

/** Of memory what is left after a collection: what grows then is held by somebody. */
function figures(): Figures {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { injected, memory: { heapUsed, rss } };
}
