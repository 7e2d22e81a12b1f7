/** `listen STORE`: be a store, and print what comes. It holds the store's one line while it runs. */
import type { Command } from 'commander';
import { createStoreClient, memoryOutbox } from '../../client/node.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { nameArgument } from '../arguments.ts';
import { CommandError } from '../errors.ts';
import { printJson, printLine, printNote } from '../print.ts';
import { untilAskedToStop } from '../signals.ts';
import { simulatedStore } from '../simulation/simulated-stores.ts';
import { loadTarget } from '../target.ts';

interface ListenOptions {
  outputs?: string;
  json?: boolean;
  region?: string;
  group?: string[];
}

export function addListenCommand(program: Command): void {
  program
    .command('listen')
    .description('be a store and print what comes; it takes over the line of that store')
    .argument('<store>', 'store id')
    .option('--region <region>', 'its region (default: that of the simulated store of this id)')
    .option('--group <group...>', 'its groups (default: likewise)')
    .option('--json', 'print each update as it came')
    .action((storeId: string, _options, command: Command) =>
      listen(nameArgument(storeId), command.optsWithGlobals()),
    );
}

async function listen(storeId: string, { outputs, json, region, group }: ListenOptions): Promise<void> {
  const target = loadTarget(outputs);
  const simulated = simulatedStore(Math.max(0, Number(storeId) - 1 || 0), '');
  const client = createStoreClient({
    url: target.outputs.StoreEndpoint,
    token: await target.mint({
      role: 'store',
      storeId,
      region: region ?? simulated.region,
      groups: group ?? [...simulated.groups],
      timeZone: simulated.timeZone,
    }),
    managementUrl: target.outputs.ManagementUrl,
    outbox: memoryOutbox(),
    // What is printed is taken.
    apply: () => {},
  });
  const ended = untilAskedToStop();
  const lost = new Promise<never>((_, reject) => {
    client.on('replaced', () => reject(new CommandError(`another line of store ${storeId} took over`)));
    client.on('revoked', () => reject(new CommandError(`store ${storeId} is revoked`)));
  });
  client.on('update', update => (json ? printJson(update) : printLine(describe(update))));
  client.on('rejected', ({ update, reason }) => printLine(`rejected ${update.id}: ${reason}`));
  if (!json) {
    client.on('open', () => printLine(`store ${storeId} is on the line`));
    client.on('close', ({ code }) => printLine(`the line closed (${code})`));
  }
  client.on('error', error => printNote(`storecast: ${error.message}`));
  try {
    await Promise.race([ended, lost]);
  } finally {
    await client.close();
  }
}

function describe(update: UpdateFrame): string {
  const { publishedAt, kind, id, data } = update;
  const [validFrom, validUntil] = [
    update.validFrom ?? update.validFromLocal,
    update.validUntil ?? update.validUntilLocal,
  ];
  const times = [validFrom && `from ${validFrom}`, validUntil && `until ${validUntil}`]
    .filter(Boolean)
    .join(' ');
  return `${publishedAt} ${kind} ${id}${times ? ` ${times}` : ''} ${JSON.stringify(data)}`;
}
