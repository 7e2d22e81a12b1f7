/** `doctor`: what stands between this machine, or this account, and a working system. */
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkBus, checkToken, describeUnchecked } from '../doctor/account.ts';
import { checkConcurrency } from '../doctor/concurrency.ts';
import { checkDeployed } from '../doctor/deployed.ts';
import { reasonOf } from '../doctor/endpoints.ts';
import { type Finding, failed } from '../doctor/finding.ts';
import { checkDataDirectory, checkNode, checkPort } from '../doctor/machine.ts';
import { checkSystem, type SystemReport } from '../doctor/system.ts';
import { printLine } from '../print.ts';
import { DEFAULT_DATA_DIRECTORY } from '../target.ts';
import { printList } from '../text-table.ts';

interface DoctorOptions {
  outputs?: string;
  port: number;
  data: string;
  stores: number;
  deployed?: boolean;
  rest: number;
  json?: boolean;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what stands between this machine or account and a working system')
    .option('--port <port>', 'that npm start would take', port, 4566)
    .option('--data <directory>', 'that npm start would take', DEFAULT_DATA_DIRECTORY)
    .option('--stores <count>', 'of the fleet that the quotas are for', count, 1_000)
    .option('--deployed', 'walk a store, a price and a sale through the system, which takes minutes on AWS')
    .option('--rest <seconds>', 'for which --deployed lets the functions stand still', seconds, 90)
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<DoctorOptions>();
      const findings = await examine(options);
      if (options.json) printList(findings, {}, true);
      else for (const finding of findings) print(finding);
      if (findings.some(({ status }) => status === 'failed')) process.exitCode = 1;
    });
}

async function examine({ data, deployed, outputs, port, rest, stores }: DoctorOptions): Promise<Finding[]> {
  const named = outputs ?? process.env.STORECAST_OUTPUTS;
  const system = await checkSystem({
    path: named ?? join(data, 'outputs.json'),
    isNamed: named !== undefined,
  });
  return [
    checkNode(),
    await checkPort(port),
    await checkDataDirectory(data),
    ...system.findings,
    ...(await checkAccount(system, stores)),
    ...(deployed ? await walk(system, rest) : []),
  ];
}

async function walk({ isRunning, target }: SystemReport, restSeconds: number): Promise<Finding[]> {
  const todo = 'what is said above of outputs, management, stores and token';
  if (target === undefined || !isRunning) return [failed('walk', 'there is no system that answers', todo)];
  try {
    return await checkDeployed(target, { restSeconds });
  } catch (error) {
    return [failed('walk', reasonOf(error), todo)];
  }
}

async function checkAccount({ target, isRunning }: SystemReport, stores: number): Promise<Finding[]> {
  if (target === undefined) return [];
  const isLocal = target.outputs.AwsEndpointUrl !== undefined;
  if (isLocal) return isRunning ? [await checkToken(target, isRunning)] : [];
  return [
    await checkToken(target, isRunning),
    await checkBus(target),
    await checkConcurrency(target.outputs.Region, stores),
    ...describeUnchecked(stores),
  ];
}

const MARKS = { ok: '✔', failed: '✖', unchecked: '–' };

function print({ check, status, detail, todo }: Finding): void {
  printLine(`${MARKS[status]} ${check.padEnd(12)} ${detail}${todo === null ? '' : ` → ${todo}`}`);
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError('It takes a port from 1 to 65535.');
}

function seconds(text: string): number {
  const number = Number(text);
  if (text !== '' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError('It takes a whole number of seconds.');
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It takes a whole number above 0.');
}
