/**
 * The inside of one Lambda environment: a worker thread that runs one event at a time and is frozen in between.
 * Frozen means blocked in `Atomics.wait`, so un-awaited timers, sockets and promises stand still until the next
 * invocation, as on AWS ("Understanding the Lambda execution environment lifecycle").
 */
import { setImmediate } from 'node:timers';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { FunctionError } from './function-definition.ts';
import { type Handler, loadHandler } from './handler-loader.ts';
import { LambdaRuntimeError, neverSettled, toFunctionError } from './runtime-errors.ts';
import { shiftDate } from './shifted-date.ts';
import type { EnvironmentData, Invocation, WorkerMessage } from './worker-messages.ts';
import { captureOutput } from './worker-output.ts';

if (!parentPort) throw new Error('environment-worker.ts runs as a worker thread only');
const port = parentPort;
const data = workerData as EnvironmentData;

const post = (message: WorkerMessage): void => port.postMessage(message);
const turnOfTheEventLoop = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
const flushOutput = captureOutput(line => post({ kind: 'log', line }));
shiftDate(data.clockOffset);

process.on('exit', flushOutput);
process.on('beforeExit', () => die('Unsettled Promise', neverSettled));
process.on('uncaughtException', error => die('Uncaught Exception', toFunctionError(error)));
process.on('unhandledRejection', reason => {
  const error = new LambdaRuntimeError('Runtime.UnhandledPromiseRejection', String(reason));
  if (reason instanceof Error && reason.stack) error.stack = reason.stack;
  die('Unhandled Promise Rejection', toFunctionError(error));
});

// Not awaited at the top level: Node would report that await instead of the handler's own unsettled promise.
void loadHandler(data.codeDirectory, data.handler).then(serve, error =>
  die('Uncaught Exception', toFunctionError(error)),
);

async function serve(handler: Handler): Promise<never> {
  post({ kind: 'initialized' });
  for (let served = 0; ; served++) {
    const invocation = freezeUntilInvoked(served);
    // The first turn only ends the one under way; the second has polled, so the handler finds sockets closed that
    // the other side closed during the freeze.
    await turnOfTheEventLoop();
    await turnOfTheEventLoop();
    const answer = await run(handler, invocation);
    flushOutput();
    post(answer);
  }
}

function freezeUntilInvoked(served: number): Invocation {
  Atomics.wait(data.signal, 0, served);
  return receiveMessageOnPort(port)?.message as Invocation;
}

async function run(handler: Handler, invocation: Invocation): Promise<WorkerMessage> {
  try {
    const result = await handler(JSON.parse(invocation.payload), createContext(invocation));
    // AWS's runtime takes this one turn too before it answers; an unhandled rejection shows itself in it.
    await turnOfTheEventLoop();
    return { kind: 'result', payload: stringify(result) };
  } catch (thrown) {
    const error = toFunctionError(thrown);
    logFailure('Invoke Error', error);
    return { kind: 'error', error };
  }
}

function stringify(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (cause) {
    throw new LambdaRuntimeError('Runtime.JSONStringifyError', `Unable to stringify response body: ${cause}`);
  }
}

function createContext({ requestId, timeoutMs }: Invocation): object {
  const { env } = process;
  // By `performance`, which a jump of the local cloud's clock doesn't move: the time limit is real time too.
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

function logFailure(title: string, error: FunctionError): void {
  console.error(`${title}\t${JSON.stringify(error)}`);
}

function die(title: string, error: FunctionError): never {
  logFailure(title, error);
  flushOutput();
  post({ kind: 'fatal', error });
  process.exit(1);
}
