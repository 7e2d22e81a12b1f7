/** Whether the account lets enough Lambdas run at once: a new account has ten, most others have a thousand. */
import { ANSWER_TIMEOUT_MS } from './endpoints.ts';
import { type Finding, failed, ok, unchecked } from './finding.ts';

const CHECK = 'concurrency';

/** API Gateway takes so many handshakes a second, and each invokes two functions: authorize and connect. */
const HANDSHAKES_PER_SECOND = 500;
const FUNCTIONS_PER_HANDSHAKE = 2;
/** Of a function that has to start first. */
const SECONDS_PER_INVOCATION = 0.1;
/** The stack's other functions, one of each. */
const OTHERS = 10;

export async function checkConcurrency(region: string | undefined, stores: number): Promise<Finding> {
  const handshakes = Math.min(stores, HANDSHAKES_PER_SECOND);
  const needed = OTHERS + Math.ceil(handshakes * FUNCTIONS_PER_HANDSHAKE * SECONDS_PER_INVOCATION);
  const fleet = `a fleet of ${stores} that reconnects needs ${needed}`;
  try {
    const limit = await concurrencyOf(region);
    if (limit >= needed) return ok(CHECK, `${limit} Lambdas may run at once; ${fleet}`);
    return failed(
      CHECK,
      `only ${limit} Lambdas may run at once, and ${fleet}; a new account has 10`,
      'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
    );
  } catch (error) {
    const why = error instanceof Error ? error.name : String(error);
    return unchecked(
      CHECK,
      `not looked at (${why}); ${fleet} Lambdas at once, and a new account has 10`,
      'aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions',
    );
  }
}

/** @throws Error where the account doesn't say */
async function concurrencyOf(region: string | undefined): Promise<number> {
  // A large module, which no other command needs.
  const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const timeouts = { connectionTimeout: ANSWER_TIMEOUT_MS, requestTimeout: ANSWER_TIMEOUT_MS };
  const client = new LambdaClient({
    ...(region === undefined ? {} : { region }),
    requestHandler: { ...timeouts, throwOnRequestTimeout: true },
    maxAttempts: 2,
  });
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  if (AccountLimit?.ConcurrentExecutions === undefined) throw new Error('no AccountLimit');
  return AccountLimit.ConcurrentExecutions;
}
