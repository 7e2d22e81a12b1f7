/**
 * Parts of a benchmark in processes of their own: what one burns is not counted to the other, and each has a core where
 * the machine has one for it. Two messages only: a question goes down, its answer comes up.
 */
import { fork } from 'node:child_process';

export interface Part {
  readonly pid: number | undefined;
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

/** Starts a TypeScript module that calls `answerQuestions`. */
export function startPart(
  module: URL,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Part {
  const child = fork(module, options.args ?? [], {
    execArgv: [...process.execArgv, '--expose-gc'],
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve));
  return {
    pid: child.pid,
    ask: question =>
      new Promise((resolve, reject) => {
        const fail = (code: number | null) => reject(new Error(`${module.pathname} ended with ${code}`));
        child.once('exit', fail);
        child.once('message', ({ answer, error }: Answer) => {
          child.off('exit', fail);
          if (error === undefined) resolve(answer);
          else reject(new Error(error));
        });
        child.send({ question }, error => {
          // Without it, a question to a part that has ended would end this process.
          if (error) reject(error);
        });
      }),
    async stop() {
      // One that has ended by itself can't be told.
      if (child.connected) child.disconnect();
      await exited;
    },
    async kill() {
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
