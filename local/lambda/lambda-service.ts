/**
 * AWS Lambda on this machine: a pool of worker threads per function, synchronous and asynchronous invocations, and
 * the Invoke API. The edge and the event sources call it; it knows none of them.
 */
import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { AsyncInvocations } from './async-invocations.ts';
import {
  type FunctionDefinition,
  type FunctionError,
  FunctionNotFoundError,
  type InvokeResult,
  type LambdaDependencies,
} from './function-definition.ts';
import { type Asker, FunctionPool, type Outcome } from './function-pool.ts';
import { handleInvoke } from './invoke-api.ts';
import { runtimeExited } from './runtime-errors.ts';

export interface LambdaService {
  /**
   * RequestResponse. Throws FunctionNotFoundError.
   *
   * @param isAwaited whether the caller still waits; one that gives it is throttled by no time that it waited
   */
  invoke(nameOrArn: string, payload: unknown, isAwaited?: Asker): Promise<InvokeResult>;
  /** The same with a payload that is JSON already. */
  invokeJson(nameOrArn: string, payload: string): Promise<InvokeResult>;
  /** Event: durable before it returns; run once the service is started. Throws FunctionNotFoundError. */
  invokeAsync(nameOrArn: string, payload: unknown): void;
  /** POST /2015-03-31/functions/{name or ARN}/invocations. */
  handleInvokeRequest(request: HttpRequest): Promise<HttpResponse>;
  /** Waits until no invocation is under way. Throws FunctionNotFoundError. */
  settle(nameOrArn: string): Promise<void>;
  /** Begins with the asynchronous invocations, those of an earlier process included. */
  start(): void;
  /** Ends within about two seconds; asynchronous invocations cut off by it are run again at the next start. */
  stop(): Promise<void>;
}

interface RunningFunction {
  definition: FunctionDefinition;
  pool: FunctionPool;
  asynchronous: AsyncInvocations;
}

const STOP_GRACE_MS = 2_000;
/** AWS refuses larger answers of synchronous invocations. */
const RESPONSE_BYTES = 6_291_556;

export function createLambdaService(
  functions: FunctionDefinition[],
  dependencies: LambdaDependencies,
): LambdaService {
  const running = functions.map(definition => createFunction(definition, dependencies));
  const find = (nameOrArn: string): RunningFunction => findFunction(running, nameOrArn, dependencies);
  const invoke = async (
    { pool }: RunningFunction,
    payload: string,
    isAwaited?: Asker,
  ): Promise<InvokeResult> => {
    const requestId = randomUUID();
    return toResult(requestId, await pool.invoke(requestId, payload, isAwaited));
  };

  return {
    invokeJson: async (nameOrArn, payload) => invoke(find(nameOrArn), payload),
    invoke: async (nameOrArn, payload, isAwaited) => invoke(find(nameOrArn), toJson(payload), isAwaited),
    invokeAsync(nameOrArn, payload) {
      find(nameOrArn).asynchronous.accept(toJson(payload));
    },
    handleInvokeRequest: request =>
      handleInvoke(
        {
          find: name => find(name).definition,
          invoke: ({ arn }, payload) => invoke(find(arn), payload),
          invokeAsync: ({ arn }, payload) => find(arn).asynchronous.accept(payload),
        },
        request,
      ),
    settle: async nameOrArn => find(nameOrArn).pool.settle(),
    start() {
      for (const { asynchronous } of running) asynchronous.start();
    },
    async stop() {
      // The queues first, so that they take up nothing more; they end when their invocations have.
      const queuesEnded = running.map(({ asynchronous }) => asynchronous.stop());
      await Promise.all(running.map(({ pool }) => pool.stop(STOP_GRACE_MS)));
      await Promise.race([Promise.all(queuesEnded), realDelay(STOP_GRACE_MS)]);
    },
  };
}

function createFunction(definition: FunctionDefinition, dependencies: LambdaDependencies): RunningFunction {
  const pool = new FunctionPool(definition, dependencies);
  const asynchronous = new AsyncInvocations(definition, dependencies, (requestId, payload) =>
    pool.invoke(requestId, payload),
  );
  return { definition, pool, asynchronous };
}

// A name, a whole or a partial ARN, each with or without :$LATEST, the only version that exists here.
function findFunction(
  running: RunningFunction[],
  nameOrArn: string,
  { region, accountId }: LambdaDependencies,
): RunningFunction {
  const wanted = nameOrArn.replace(/:\$LATEST$/, '');
  const found = running.find(({ definition: { arn } }) => arn === wanted || arn.endsWith(`:${wanted}`));
  if (found) return found;
  const arn = nameOrArn.startsWith('arn:')
    ? nameOrArn
    : `arn:aws:lambda:${region}:${accountId}:function:${nameOrArn}`;
  throw new FunctionNotFoundError(`Function not found: ${arn}`);
}

function toResult(requestId: string, outcome: Outcome): InvokeResult {
  if ('throttled' in outcome || 'functionError' in outcome) return outcome;
  if ('stopped' in outcome) return { functionError: runtimeExited(requestId, 'signal: killed') };
  if (Buffer.byteLength(outcome.payload) > RESPONSE_BYTES) return { functionError: responseTooLarge };
  return { payload: JSON.parse(outcome.payload) };
}

const responseTooLarge: FunctionError = {
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES} bytes).`,
};

function toJson(payload: unknown): string {
  return JSON.stringify(payload) ?? 'null';
}

function realDelay(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref());
}
