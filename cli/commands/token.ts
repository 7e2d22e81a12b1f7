/** `token store|manager|publisher`: the JWT alone on stdout, a line for each id. */
import type { Command } from 'commander';
import type { Identity } from '../../domain/identity/identity.ts';
import { nameArgument, timeZoneArgument } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { printLine } from '../print.ts';
import { loadTarget } from '../target.ts';

interface TokenOptions {
  region?: string;
  timeZone?: string;
  group?: string[];
  expiresIn?: string;
  outputs?: string;
}

export function addTokenCommand(program: Command): void {
  const token = program.command('token').description('sign a token for a store, a manager or a publisher');
  token
    .command('store')
    .argument('<id...>', 'store ids')
    .option('--region <region>', 'the region of these stores')
    .option('--group <group...>', 'groups that they belong to')
    .option('--time-zone <zone>', 'IANA time zone of these stores, such as Europe/Berlin')
    .option('--expires-in <duration>', 'such as 90d, 12h, 30m or 45s (default: 90d)')
    .action((ids: string[], _options, command: Command) => {
      const options = command.optsWithGlobals<TokenOptions>();
      const { region, group: groups = [], timeZone } = options;
      return printTokens(
        ids.map(storeId => ({
          role: 'store',
          storeId: nameArgument(storeId),
          region: region === undefined ? undefined : nameArgument(region),
          groups: groups.map(nameArgument),
          ...(timeZone === undefined ? {} : { timeZone: timeZoneArgument(timeZone) }),
        })),
        options,
      );
    });
  for (const role of ['manager', 'publisher'] as const) {
    token
      .command(role)
      .argument('<name>', 'whom the token speaks for')
      .option('--expires-in <duration>', 'such as 12h, 30m or 45s (default: 12h)')
      .action((person: string, _options, command: Command) =>
        printTokens([{ role, name: nameArgument(person) }], command.optsWithGlobals<TokenOptions>()),
      );
  }
}

async function printTokens(identities: Identity[], { expiresIn, outputs }: TokenOptions): Promise<void> {
  const lifetime = expiresIn === undefined ? undefined : toSeconds(expiresIn);
  const target = loadTarget(outputs);
  for (const identity of identities) printLine(await target.mint(identity, lifetime));
}

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function toSeconds(text: string): number {
  const [, count, unit = 's'] = /^(\d+)([smhd])?$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (!(seconds > 0)) throw new UsageError(`'${text}' is not a duration such as 90d, 12h, 30m or 45s`);
  return seconds;
}
