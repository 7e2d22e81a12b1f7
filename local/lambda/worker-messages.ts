/** What the service and an environment's worker thread tell each other. */
import type { FunctionError } from './function-definition.ts';

/** service → worker, once, as its `workerData`. */
export interface EnvironmentData {
  /** Counts the invocations posted so far; the frozen worker waits on it. */
  signal: Int32Array;
  clockOffset: Float64Array;
  codeDirectory: string;
  handler: string;
  functionArn: string;
}

/** service → worker. */
export interface Invocation {
  requestId: string;
  /** JSON text: Lambda never hands an object over. */
  payload: string;
  timeoutMs: number;
}

/** worker → service. `fatal` is the worker's last message. */
export type WorkerMessage =
  | { kind: 'initialized' }
  | { kind: 'log'; line: string }
  | { kind: 'result'; payload: string }
  | { kind: 'error'; error: FunctionError }
  | { kind: 'fatal'; error: FunctionError };
