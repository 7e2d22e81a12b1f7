/**
 * `doctor --deployed`: stores of its own walk through the whole system, and each thing is found out that could not be
 * tried without an account (docs/operating.md). They leave a sale in a currency that no till takes, and updates for
 * stores that are gone.
 */
import { operations } from '../../domain/protocol/http-api.ts';
import type { Target } from '../target.ts';
import { checkCloudWatch } from './cloudwatch-checks.ts';
import { reasonOf } from './endpoints.ts';
import { type Finding, failed, unchecked } from './finding.ts';
import { checkCatchUp, checkEvidence, checkPost, checkReceipt, checkRest, checkSale } from './flow-checks.ts';
import {
  checkBinaryFrame,
  checkClose,
  checkDisconnect,
  checkDomain,
  checkLargeFrame,
  checkSubprotocol,
  checkTakeover,
} from './line-checks.ts';
import { ifFound, newProbe, type Probe } from './probe.ts';

export interface DeployedOptions {
  restSeconds: number;
}

const WALK = [
  checkPost,
  checkReceipt,
  checkSale,
  checkCatchUp,
  checkTakeover,
  checkClose,
  checkDisconnect,
  checkLargeFrame,
  checkBinaryFrame,
];

export async function checkDeployed(target: Target, { restSeconds }: DeployedOptions): Promise<Finding[]> {
  const since = Date.now();
  const left: Finding[] = [];
  const [handshake, domain] = await withStore(target, left, async probe => {
    const found = await checkSubprotocol(probe);
    return [found, checkDomain(probe, found.status === 'ok')];
  });
  const walked: Finding[] = [];
  for (const check of WALK) walked.push(await withStore(target, left, check));
  const rest = await withStore(target, left, probe => checkRest(probe, restSeconds * 1_000));
  const { deployment, finding: evidence } = await withStore(target, left, checkEvidence);
  const monitoring = await checkMonitoring(target, deployment, since);
  return [handshake, domain, ...walked, rest, evidence, ...monitoring, ...left, ...UNTRIED];
}

/**
 * A store for each check: lines of one that follow each other so fast would ring RepeatedTakeovers.
 *
 * @param left takes what is said of a store that stays on the roster
 */
async function withStore<T>(
  target: Target,
  left: Finding[],
  check: (probe: Probe) => Promise<T>,
): Promise<T> {
  const probe = await newProbe(target);
  try {
    return await check(probe);
  } finally {
    left.push(...(await retire(probe)));
  }
}

const METRICS_PATIENCE_MS = 5 * 60_000;
const PAUSE_MS = 5_000;

async function checkMonitoring(
  { outputs }: Target,
  deployment: string | undefined,
  since: number,
): Promise<Finding[]> {
  if (outputs.AwsEndpointUrl !== undefined)
    return [unchecked('CloudWatch', 'the local cloud has none', 'GET /_local/metrics has the metrics')];
  if (deployment === undefined)
    return [
      unchecked('CloudWatch', "not looked at: the deployment's name is in its evidence", 'see evidence'),
    ];
  // A large module, which no other command needs.
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient({ region: outputs.Region });
  return checkCloudWatch({ client, deployment, since, patienceMs: METRICS_PATIENCE_MS, pauseMs: PAUSE_MS });
}

/** One that was never let in is not on the roster. */
async function retire({ storeId, target }: Probe): Promise<Finding[]> {
  try {
    await ifFound(target.api.call(operations.retireStore, { parameters: { id: storeId } }));
    return [];
  } catch (error) {
    const todo = `DELETE /stores/${storeId}`;
    return [failed('clean-up', `store ${storeId} is still on the roster (${reasonOf(error)})`, todo)];
  }
}

/** What takes hours, or a load that would harm others. */
const UNTRIED: readonly Finding[] = [
  unchecked(
    'idle line',
    'not tried: the gateway ends a line after 10 minutes without traffic, and any after two hours, both with 1001',
    'npx storecast listen STORE for three hours prints each code',
  ),
  unchecked(
    '429 of posts',
    "not tried: it takes the account's 10,000 requests a second",
    'after the first broadcast to many stores: the metrics Throttled and Failed; redelivery does the rest',
  ),
  unchecked(
    'protection',
    'not tried: that protected tables, and the stack, refuse to be deleted',
    'aws cloudformation describe-stacks --query Stacks[].EnableTerminationProtection',
  ),
];
