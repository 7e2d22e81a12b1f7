/**
 * `doctor --deployed`: a store of its own walks through the whole system, and each thing is found out that could not be
 * tried without an account (docs/operating.md). It leaves a sale in a currency that no till takes, and updates for a
 * store that is gone.
 */
import { operations } from '../../domain/protocol/http-api.ts';
import type { Target } from '../target.ts';
import { checkCloudWatch } from './cloudwatch-checks.ts';
import { reasonOf } from './endpoints.ts';
import { type Finding, failed, unchecked } from './finding.ts';
import { checkCatchUp, checkEvidence, checkPost, checkReceipt, checkRest, checkSale } from './flow-checks.ts';
import {
  checkClose,
  checkDisconnect,
  checkDomain,
  checkEndings,
  checkSubprotocol,
  checkTakeover,
} from './line-checks.ts';
import { newProbe, type Probe } from './probe.ts';

export interface DeployedOptions {
  restSeconds: number;
}

export async function checkDeployed(target: Target, { restSeconds }: DeployedOptions): Promise<Finding[]> {
  const since = Date.now();
  const probe = await newProbe(target);
  const handshake = await checkSubprotocol(probe);
  const findings = [handshake];
  if (handshake.status === 'ok') findings.push(checkDomain(probe));
  for (const check of [checkPost, checkReceipt, checkSale, checkCatchUp, checkTakeover, checkClose])
    findings.push(await check(probe));
  findings.push(await checkDisconnect(probe), ...(await checkEndings(probe)));
  findings.push(await checkRest(probe, restSeconds * 1_000));
  const { deployment, finding: evidence } = await checkEvidence(probe);
  findings.push(evidence, ...(await checkMonitoring(target, deployment, since)));
  return [...findings, ...(await retire(probe)), ...UNTRIED];
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

/** Nothing is to be said of a store that is gone. */
async function retire({ storeId, target }: Probe): Promise<Finding[]> {
  try {
    await target.api.call(operations.retireStore, { parameters: { id: storeId } });
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
