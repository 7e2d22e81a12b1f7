/** One Lambda environment seen from outside: starts its worker thread, gives it one event at a time, ends it. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { environmentVariables } from './environment-variables.ts';
import type { FunctionDefinition, FunctionError, LambdaDependencies } from './function-definition.ts';
import { runtimeExited, timedOut } from './runtime-errors.ts';
import type { EnvironmentData, Invocation, WorkerMessage } from './worker-messages.ts';

/** `payload` is JSON text; `stopped` says that the service ended before the function did. */
export type RunOutcome = { payload: string } | { functionError: FunctionError } | { stopped: true };

interface Run {
  requestId: string;
  settle: (outcome: RunOutcome) => void;
}

/** "Lambda execution environment lifecycle": the init phase has a limit of its own. */
const INIT_SECONDS = 10;

export class Environment {
  readonly #definition: FunctionDefinition;
  readonly #log: (line: string) => void;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  #current: Run | undefined;
  #timer: NodeJS.Timeout | undefined;
  #initialized = false;
  #dead = false;
  #exitCause: string | undefined;

  constructor(definition: FunctionDefinition, dependencies: LambdaDependencies) {
    this.#definition = definition;
    this.#log = line => dependencies.log(definition.name, line);
    this.#worker = startWorker(definition, dependencies, this.#signal);
    this.#worker.on('message', (message: WorkerMessage) => this.#onMessage(message));
    this.#worker.on('error', error => this.#onError(error));
    this.#worker.on('exit', code => this.#onExit(code));
  }

  /** A dead environment runs nothing more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Its code is not loaded yet. */
  get isStarting(): boolean {
    return !this.#initialized;
  }

  /** Runs the handler once. Never rejects; only to be called when the last run has settled. */
  run(requestId: string, payload: string): Promise<RunOutcome> {
    const { promise, resolve } = Promise.withResolvers<RunOutcome>();
    this.#current = { requestId, settle: resolve };
    this.#armTimeout();
    const timeoutMs = this.#definition.timeoutSeconds * 1000;
    this.#worker.postMessage({ requestId, payload, timeoutMs } satisfies Invocation);
    Atomics.add(this.#signal, 0, 1);
    Atomics.notify(this.#signal, 0);
    return promise;
  }

  /** Ends the worker, whatever it is doing, then settles the run under way with `outcome`. */
  async terminate(outcome: RunOutcome): Promise<void> {
    const current = this.#endRun();
    this.#dead = true;
    await this.#worker.terminate();
    current?.settle(outcome);
  }

  // By the real clock: the handler's work is real, and a test's jump over two hours must not kill it.
  #armTimeout(): void {
    clearTimeout(this.#timer);
    const seconds = this.#initialized ? this.#definition.timeoutSeconds : INIT_SECONDS;
    this.#timer = setTimeout(() => this.#onTimeout(seconds), seconds * 1000);
  }

  #onTimeout(seconds: number): void {
    const requestId = this.#current?.requestId ?? '';
    this.#log(`${requestId} Task timed out after ${seconds.toFixed(2)} seconds`);
    void this.terminate({ functionError: timedOut(requestId, seconds) });
  }

  #onMessage(message: WorkerMessage): void {
    if (message.kind === 'log') this.#log(message.line);
    else if (message.kind === 'initialized') this.#onInitialized();
    else if (message.kind === 'result') this.#endRun()?.settle({ payload: message.payload });
    else {
      if (message.kind === 'fatal') this.#dead = true;
      this.#endRun()?.settle({ functionError: message.error });
    }
  }

  #onInitialized(): void {
    this.#initialized = true;
    // The run that waited for the start has its whole time from here on.
    if (this.#current) this.#armTimeout();
  }

  #onError(error: Error & { code?: string }): void {
    // On AWS V8 aborts the process when its heap is full.
    this.#exitCause = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'signal: aborted' : error.message;
  }

  #onExit(code: number): void {
    this.#dead = true;
    const current = this.#endRun();
    if (!current) return;
    const cause = this.#exitCause ?? (code === 0 ? undefined : `exit status ${code}`);
    const functionError = runtimeExited(current.requestId, cause);
    this.#log(functionError.errorMessage);
    current.settle({ functionError });
  }

  #endRun(): Run | undefined {
    const current = this.#current;
    this.#current = undefined;
    clearTimeout(this.#timer);
    return current;
  }
}

function startWorker(
  definition: FunctionDefinition,
  { clock, region, endpointUrl }: LambdaDependencies,
  signal: Int32Array,
): Worker {
  const data: EnvironmentData = {
    signal,
    clockOffset: clock.offset,
    codeDirectory: definition.codeDirectory,
    handler: definition.handler,
    functionArn: definition.arn,
  };
  // In the package it lies beside this as JavaScript, as this then is.
  const worker = `./environment-worker${extname(import.meta.url)}`;
  return new Worker(new URL(worker, import.meta.url), {
    name: definition.name,
    workerData: data,
    env: environmentVariables(definition, { region, endpointUrl: endpointUrl(), now: clock.now() }),
    // Not the parent's flags: a test runner's loaders have no business in a Lambda.
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      // What AWS's own start script leaves to the heap of a function with so much memory.
      maxOldGenerationSizeMb: Math.floor(definition.memoryMegabytes * 0.9),
      // Node's own 48 MB, times some forty environments, are more than what all of them hold. With 8 a storm's answers are
      // collected so often that it costs a tenth of the storm.
      maxYoungGenerationSizeMb: 16,
    },
  });
}
