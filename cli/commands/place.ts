/** `place STORE`: says where a store is, at once and on its open line, whatever its token says. */
import type { Command } from 'commander';
import { operations } from '../../domain/protocol/http-api.ts';
import type { PlacementChange } from '../../domain/protocol/http-bodies.ts';
import { nameArgument, timeZoneArgument } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { printJson, printLine } from '../print.ts';
import { loadTarget } from '../target.ts';

interface PlaceOptions {
  region?: string;
  group?: string[];
  timeZone?: string;
  name?: string;
  clear?: boolean;
  json?: boolean;
  outputs?: string;
}

export function addPlaceCommand(program: Command): void {
  program
    .command('place')
    .description('say where a store is, whatever its token says; what is left out stays')
    .argument('<store>', 'store id')
    .option('--region <region>', 'region')
    .option('--group <group...>', 'groups, in place of all that it is in')
    .option('--time-zone <zone>', 'IANA time zone')
    .option('--name <name>', 'what head office calls it')
    .option('--clear', 'go by the token again, except for what is given')
    .option('--json', 'print JSON')
    .action(async (store: string, _options, command: Command) => {
      const options = command.optsWithGlobals<PlaceOptions>();
      const call = { parameters: { id: nameArgument(store) }, body: changeOf(options) };
      const placed = await loadTarget(options.outputs).api.call(operations.placeStore, call);
      if (options.json) return printJson(placed);
      const { groups, name, region, storeId, timeZone = 'UTC' } = placed;
      const known = name === undefined ? storeId : `${storeId} (${name})`;
      const where = region === null ? 'no region' : `region ${region}`;
      const among = groups.length === 0 ? 'no group' : `groups ${groups.join(', ')}`;
      printLine(`${known} is in ${where}, ${among}, time zone ${timeZone}`);
    });
}

function changeOf({ clear, group, name, region, timeZone }: PlaceOptions): PlacementChange {
  const change: PlacementChange = {
    ...(clear && { region: null, groups: null, timeZone: null, name: null }),
    ...(region !== undefined && { region: nameArgument(region) }),
    ...(group !== undefined && { groups: group.map(nameArgument) }),
    ...(timeZone !== undefined && { timeZone: timeZoneArgument(timeZone) }),
    ...(name !== undefined && { name }),
  };
  if (Object.keys(change).length === 0)
    throw new UsageError('give --region, --group, --time-zone, --name or --clear');
  return change;
}
