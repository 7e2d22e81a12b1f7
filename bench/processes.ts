/**
 * Parts of a benchmark in processes of their own: what one burns is not counted to the other, and each has a core where
 * the machine has one for it. Two messages only: a question goes down, its answer comes up.
 */
import { fork } from 'node:child_process';

export interface Part {
  readonly pid: number | undefined;
  /** Resolves once it has ended without being told to, with how it ended and what it said last on stderr. */
  readonly died: Promise<Error>;
  /** One question at a time. */
  ask(question: unknown): Promise<unknown>;
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

interface Answer {
  answer?: unknown;
  error?: string;
}

const LAST_LINES = 20;
const MOST_KEPT = 10_000;

/** Starts a TypeScript module that calls `answerQuestions`. */
export function startPart(
  module: URL,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Part {
  const child = fork(module, options.args ?? [], {
    execArgv: [...process.execArgv, '--expose-gc'],
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()));
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    said = (said + chunk).slice(-MOST_KEPT);
  });
  // Not at its exit: what it said last may still be on the way.
  const ended = new Promise<Error>(resolve => {
    child.once('close', (code, signal) => {
      const last = said.trim().split('\n').slice(-LAST_LINES).join('\n');
      resolve(new Error(`${module.pathname} ended with ${signal ?? `exit code ${code}`}\n${last}`.trim()));
    });
  });
  let isTold = false;
  return {
    pid: child.pid,
    died: new Promise(resolve => void ended.then(error => !isTold && resolve(error))),
    ask: question =>
      new Promise((resolve, reject) => {
        const fail = () => void ended.then(reject);
        child.once('exit', fail);
        child.once('message', ({ answer, error }: Answer) => {
          child.off('exit', fail);
          if (error === undefined) resolve(answer);
          else reject(new Error(error));
        });
        child.send({ question }, error => {
          // Without it, a question to a part that has ended would end this process.
          if (error) fail();
        });
      }),
    async stop() {
      isTold = true;
      // One that has ended by itself can't be told.
      if (child.connected) child.disconnect();
      await exited;
    },
    async kill() {
      isTold = true;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** To be called by a part; it ends when its parent is gone or has stopped it. */
export function answerQuestions(answer: (question: never) => unknown): void {
  process.on('message', async ({ question }: { question: never }) => {
    try {
      process.send?.({ answer: await answer(question) });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}
