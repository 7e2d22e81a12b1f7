/** One Lambda invocation as API Gateway makes it: it waits no longer than the integration timeout and never retries. */
import type { GatewayDependencies, InvokeResult } from './types.ts';

export type IntegrationResult = InvokeResult | { timedOut: true };

/**
 * Invokes the function behind a route or an authorizer; never rejects.
 *
 * @param isClientThere @default that it is
 */
export async function invokeIntegration(
  dependencies: GatewayDependencies,
  functionArn: string,
  event: unknown,
  sourceArn: string,
  isClientThere = () => true,
): Promise<IntegrationResult> {
  const { clock, limits } = dependencies;
  const { promise: timeout, resolve } = Promise.withResolvers<IntegrationResult>();
  let hasTimedOut = false;
  const cancel = clock.after(limits.integrationTimeoutSeconds * 1000, () => {
    hasTimedOut = true;
    resolve({ timedOut: true });
  });
  const caller = { sourceArn, isThere: () => !hasTimedOut && isClientThere() };
  try {
    return await Promise.race([dependencies.invoke(functionArn, event, caller), timeout]);
  } catch (error) {
    // Lambda answers its own failures; a rejection is a fault of the local cloud, and its client sees a 5xx.
    dependencies.log(`API Gateway could not invoke ${functionArn}: ${error}`);
    return { functionError: { errorType: 'InvocationFailed', errorMessage: 'invocation failed' } };
  } finally {
    cancel();
  }
}

/** The ARN that a resource policy's `aws:SourceArn` is compared with. */
export function executeApiArn(
  { region, accountId }: Pick<GatewayDependencies, 'region' | 'accountId'>,
  resource: string,
): string {
  return `arn:aws:execute-api:${region}:${accountId}:${resource}`;
}

/** Why an invocation brought no payload, in words for the log. */
export function failureReason(result: Exclude<IntegrationResult, { payload: unknown }>): string {
  if ('functionError' in result) return result.functionError.errorType;
  return 'throttled' in result ? 'throttled' : 'timed out';
}
