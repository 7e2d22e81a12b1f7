/** What a deployed stack, or an operator of one, needs of the AWS account. */
import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import { operations } from '../../domain/protocol/http-api.ts';
import { CommandError } from '../errors.ts';
import type { Target } from '../target.ts';
import { reasonOf } from './endpoints.ts';
import { type Finding, failed, ok, unchecked } from './finding.ts';

/** Signs a token, as most commands do first, and reads with it if the system answers. */
export async function checkToken(target: Target, isRunning: boolean): Promise<Finding> {
  const { TokenKeyId } = target.outputs;
  try {
    await target.mint({ role: 'manager', name: 'storecast-doctor' }, 60);
  } catch (error) {
    const [detail, todo] = explain(error, target);
    return failed('token', detail, todo);
  }
  if (!isRunning) return ok('token', `key ${TokenKeyId} signs`);
  try {
    await target.api.call(operations.listStores, { query: { limit: 1 } });
    return ok('token', `key ${TokenKeyId} signs, and the system takes its tokens`);
  } catch (error) {
    const why = error instanceof CommandError ? error.message : reasonOf(error);
    return failed('token', `the system doesn't take a token of key ${TokenKeyId}: ${why}`, STALE);
  }
}

const STALE = 'is the outputs file of this deployment? cdk deploy --outputs-file FILE writes it anew';

/** Why the caller's credentials don't sign with the key. */
function explain(error: unknown, { outputs }: Target): [detail: string, todo: string] {
  const name = error instanceof Error ? error.name : '';
  const key = `key ${outputs.TokenKeyId}`;
  if (name === 'CredentialsProviderError')
    return ['there are no AWS credentials', 'set AWS_PROFILE, or aws sso login'];
  if (/^ExpiredToken/.test(name)) return ['the AWS credentials have expired', 'sign in again'];
  if (/^(UnrecognizedClient|InvalidSignature|InvalidClientTokenId|IncompleteSignature)/.test(name))
    return [`AWS doesn't take these credentials (${name})`, 'set AWS_PROFILE, and look at the clock'];
  if (name === 'AccessDeniedException')
    return [`these credentials may not sign with ${key}`, 'they need kms:Sign on it'];
  if (name === 'NotFoundException')
    return [
      `${key} is not in ${outputs.Region} of this account`,
      'take the credentials of the account that it was deployed to',
    ];
  return [`${key} doesn't sign (${reasonOf(error)})`, 'is there a way to AWS from here?'];
}

/** Looks for the bus. Who may not describe it may still be allowed to publish. */
export async function checkBus({ events, outputs }: Target): Promise<Finding> {
  try {
    await events.send(new DescribeEventBusCommand({ Name: outputs.EventBusName }));
    return ok('bus', `${outputs.EventBusName} is there`);
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      return failed('bus', `there is no ${outputs.EventBusName} in ${outputs.Region}`, STALE);
    const why = error instanceof Error ? error.name : String(error);
    return unchecked(
      'bus',
      `not looked at (${why})`,
      'aws events describe-event-bus; publishing needs events:PutEvents',
    );
  }
}

/** API Gateway's default throttle, and what a broadcast takes of it by default. */
const REQUESTS_PER_SECOND = 10_000;
const POSTS_PER_SECOND = 4_500;
const CONNECTIONS_PER_SECOND = 500;
/** A store of the reference fleet: 7 sales and a quarter of a heartbeat a minute. */
const FRAMES_PER_MINUTE = 7.25;

/** What the project has no AWS client for: what is needed, and the command that looks. */
export function describeUnchecked(stores: number): Finding[] {
  const frames = Math.ceil((stores * FRAMES_PER_MINUTE) / 60);
  const room = REQUESTS_PER_SECOND - POSTS_PER_SECOND;
  const fits = frames <= room ? 'fits' : "doesn't fit";
  return [
    unchecked(
      'bootstrap',
      'not looked at; cdk deploy needs it',
      'aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version, else npx cdk bootstrap',
    ),
    unchecked(
      'quotas',
      `not looked at; ${stores} stores send ${frames} frames a second, which ${fits} beside a broadcast by default ` +
        `(${REQUESTS_PER_SECOND} a second, a quarter in newer Regions), and take ` +
        `${Math.ceil(stores / CONNECTIONS_PER_SECOND)} s to reconnect`,
      'aws service-quotas list-service-quotas --service-code apigateway',
    ),
    unchecked(
      'logging role',
      'not looked at; API Gateway writes no log of its own without one',
      'aws apigateway get-account --query cloudwatchRoleArn',
    ),
  ];
}
