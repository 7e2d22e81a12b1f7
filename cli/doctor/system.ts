/** Whether the system that the other commands would speak to is there, and answers. */
import { existsSync } from 'node:fs';
import { CommandError } from '../errors.ts';
import { loadTarget, type Target } from '../target.ts';
import { type Answer, askForLine, askManagement } from './endpoints.ts';
import { type Finding, failed, ok, unchecked } from './finding.ts';

export interface OutputsFile {
  path: string;
  /** Whether the caller named it: only then is a missing file a failure. */
  isNamed: boolean;
}

export interface SystemReport {
  findings: Finding[];
  /** Undefined where there are no usable outputs. */
  target?: Target;
  isRunning: boolean;
}

const IS_IT_RUNNING = 'is it running, and is the outputs file its own?';
/** AWS refuses requests whose time is five minutes off; a token is valid from the second in which it was issued. */
const MOST_SKEW_MS = 60_000;

export async function checkSystem(outputs: OutputsFile): Promise<SystemReport> {
  const { path, isNamed } = outputs;
  if (!isNamed && !existsSync(path)) {
    const todo = "npm start starts the local one; --outputs FILE names a deployed stack's";
    return { findings: [unchecked('outputs', `there is no ${path}`, todo)], isRunning: false };
  }
  try {
    const target = loadTarget(path);
    const { findings, isRunning } = await checkEndpoints(target, isNamed);
    return { findings: [ok('outputs', path), ...findings], target, isRunning };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const todo = 'cdk deploy --outputs-file FILE writes one, npm start its own';
    return { findings: [failed('outputs', error.message, todo)], isRunning: false };
  }
}

async function checkEndpoints({ present }: Target, isNamed: boolean): Promise<SystemReport> {
  const { ManagementUrl = 'none', StoreEndpoint = 'none', AwsEndpointUrl } = present;
  const [management, line] = await Promise.all([askManagement(ManagementUrl), askForLine(StoreEndpoint)]);
  const isLocal = AwsEndpointUrl !== undefined;
  if (isLocal && !isNamed && management === 'ECONNREFUSED' && line === 'ECONNREFUSED') {
    const stopped = unchecked('management', `${ManagementUrl} is not running`, 'npm start');
    return { findings: [stopped], isRunning: false };
  }
  const findings = [managementFinding(ManagementUrl, management), lineFinding(StoreEndpoint, line)];
  if (typeof management !== 'string') findings.push(clockFinding(management));
  return { findings, isRunning: typeof management !== 'string' && management.isStorecast };
}

function managementFinding(url: string, answer: Answer | string): Finding {
  if (typeof answer === 'string') {
    return failed('management', `${url} doesn't answer (${answer})`, IS_IT_RUNNING);
  }
  if (answer.isStorecast) return ok('management', `${url} answers`);
  return failed(
    'management',
    `${url} answers ${answer.status} as no storecast does`,
    'is another program there? the outputs file may be of an earlier stack',
  );
}

function lineFinding(endpoint: string, status: number | string): Finding {
  if (status === 401) return ok('stores', `${endpoint} answers, and lets nobody in without a token`);
  if (typeof status === 'string')
    return failed('stores', `${endpoint} doesn't answer (${status})`, IS_IT_RUNNING);
  return failed('stores', `${endpoint} answers ${status}, not 401`, "look at the authorizer's log");
}

/** The Date header counts whole seconds. */
function clockFinding({ serverTime, receivedAt }: Answer): Finding {
  if (Number.isNaN(serverTime)) {
    return unchecked('clock', 'the answer has no Date', "hold this machine's clock against another");
  }
  const skew = receivedAt - serverTime;
  const seconds = Math.round(Math.abs(skew) / 1_000);
  if (Math.abs(skew) <= MOST_SKEW_MS) return ok('clock', `within ${seconds + 1} s of the system's`);
  const way = skew > 0 ? 'ahead of' : 'behind';
  return failed('clock', `${seconds} s ${way} the system's`, "set this machine's clock: turn on NTP");
}
