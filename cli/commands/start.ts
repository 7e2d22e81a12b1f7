/** `start`, which is `npm start`: synthesizes the stack and runs that very template on this machine. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Outputs } from '../../domain/outputs.ts';
import { UnsupportedTemplateError } from '../../local/assembly/assembly.ts';
import { DataDirectoryInUseError } from '../../local/data-directory.ts';
import { TableChangedError } from '../../local/dynamodb/table-service.ts';
import { PortInUseError } from '../../local/edge/server.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { StorageError } from '../../local/storage-error.ts';
import { CommandError, UsageError } from '../errors.ts';
import { keepUp, type OnStop } from '../keep-up.ts';
import { localSignIn } from '../local-sign-in.ts';
import { printLine } from '../print.ts';
import { Activity } from '../simulation/activity.ts';
import { connectSimulatedStores } from '../simulation/simulated-stores.ts';
import { synthesize } from '../synthesize.ts';
import { DEFAULT_DATA_DIRECTORY, Target } from '../target.ts';

/** What a store of the reference fleet sells. */
const SALES_PER_MINUTE = 7;

interface StartOptions {
  stores: string;
  port: string;
  data: string;
  fresh?: boolean;
}

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the whole system on this machine (npm start)')
    .option('--stores <count>', 'simulated stores, 0 for none', '20')
    .option('--port <port>', '0 picks a free one', '4566')
    .option('--data <directory>', 'kept from run to run', DEFAULT_DATA_DIRECTORY)
    .option('--fresh', 'empty the data directory first')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const port = wholeNumber(options.port, '--port', 65_535);
  const stores = wholeNumber(options.stores, '--stores', 100_000);
  if (options.data === '') throw new UsageError('--data takes a directory');
  const dataDirectory = resolve(options.data);
  // Its owner's alone, whatever wrote it: LevelDB's files, for one.
  process.umask(0o077);
  await keepUp(onStop => bringUp({ dataDirectory, port, stores, fresh: options.fresh ?? false }, onStop));
}

async function bringUp(
  { stores, ...place }: { dataDirectory: string; port: number; stores: number; fresh: boolean },
  onStop: OnStop,
): Promise<void> {
  printLine('storecast · the template that cdk deploy ships, on this machine');

  const startedAt = performance.now();
  const assemblyDirectory = await synthesize();
  let bill: LocalCloud['bill'] | undefined;
  const activity = new Activity(printLine, () => bill?.().dollarsPerMonth);
  const cloud = await boot({ assemblyDirectory, ...place }, activity);
  bill = cloud.bill;
  onStop(() => cloud.stop());
  const { functions, tables } = cloud.resourceCounts;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  printLine(
    `  ✔ synthesized and booted ${cloud.stackName} (${functions} functions, ${tables} tables, ${seconds} s)`,
  );
  const target = new Target(cloud.outputs);
  const simulated = await connectSimulatedStores(target, {
    count: stores,
    salesPerMinute: SALES_PER_MINUTE,
    onApplied: update => activity.applied(update.id),
  });
  onStop(() => simulated.close());
  if (stores > 0) {
    const perSecond = ((stores * SALES_PER_MINUTE) / 60).toFixed(1);
    printLine(
      `  ✔ ${simulated.connected} simulated stores connected, each selling ${SALES_PER_MINUTE} times a minute (${perSecond} sales/s)`,
    );
  }
  printEndpoints(target.outputs);
  printLine('ready · publish a price:  npx storecast publish price 4006381333931=1.99 --currency EUR');
}

function wholeNumber(text: string, flag: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new UsageError(`${flag} takes a whole number from 0 to ${most}, not '${text}'`);
}

async function boot(options: Parameters<typeof startLocalCloud>[0], activity: Activity): Promise<LocalCloud> {
  try {
    return await startLocalCloud({
      ...options,
      localRoutes: localSignIn,
      onLog: (_functionName, line) => activity.logged(line),
    });
  } catch (error) {
    if (error instanceof PortInUseError) {
      throw new CommandError(`${error.message}: end the other process, or choose another with --port`);
    }
    const known = [UnsupportedTemplateError, DataDirectoryInUseError, StorageError, TableChangedError];
    if (known.some(type => error instanceof type)) throw new CommandError((error as Error).message);
    throw error;
  }
}

function printEndpoints({ StoreEndpoint, ManagementUrl, AwsEndpointUrl }: Outputs): void {
  const endpoints = [
    [`  stores      ${StoreEndpoint}`, 'npx storecast listen 0100'],
    [`  management  ${ManagementUrl}`, 'live sales, stores, updates'],
    [`  AWS         ${AwsEndpointUrl}`, 'AWS_ENDPOINT_URL for any SDK or the AWS CLI'],
  ] as const;
  for (const [endpoint, words] of endpoints) printLine(`${endpoint.padEnd(48)} ${words}`);
}
