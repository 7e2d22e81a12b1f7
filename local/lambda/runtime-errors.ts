/** Lambda's own failures in AWS's words, and thrown values in the shape that its Node.js runtime gives them. */
import type { FunctionError } from './function-definition.ts';

/** A failure that the runtime, not the handler, reports; `name` is the error type that callers see. */
export class LambdaRuntimeError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Whatever a handler threw, as the answer carries it. */
export function toFunctionError(thrown: unknown): FunctionError {
  if (thrown instanceof Error)
    return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}

/** "How to diagnose timeouts": the message carries the function's setting, not the measured time. */
export function timedOut(requestId: string, seconds: number): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  };
}

/** The environment's process ended under a running invocation; `cause` is `signal: killed` or `exit status 1`. */
export function runtimeExited(requestId: string, cause?: string): FunctionError {
  const reason = cause ? `with error: ${cause}` : 'without providing a reason';
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited ${reason}`,
  };
}

/** "Troubleshoot invocation issues": the event loop ran dry while the handler's promise was still pending. */
export const neverSettled: FunctionError = {
  errorType: 'Runtime.NodeJsExit',
  errorMessage:
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled.',
};
