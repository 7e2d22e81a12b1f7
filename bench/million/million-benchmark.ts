/**
 * (l) To a million: what each function takes of 10,000, 100,000 and 1,000,000 stores, and which of AWS's quotas it meets first.
 *
 * How it is measured: fleets of 1,000 and of 10,000 stores are in tables as the template has them, and the functions' own
 * code looks at them and is written to by them. What DynamoDB bills is counted at the tables, CPU at the functions, and both
 * are drawn out in a straight line: no table of a million is made here. Messages, workers, partitions and paces follow from the
 * code's numbers. Seconds are this machine's: on Lambda reading takes the network's time besides, and a core is another one.
 */
import { synthesize } from '../../cli/synthesize.ts';
import { Environment } from '../../domain/names.ts';
import { fleetSize } from '../../lib/settings/fleet-size.ts';
import type { Options } from '../bench-options.ts';
import type { Outcome, Row } from '../benchmark.ts';
import { startPart } from '../processes.ts';
import { at, type Measured } from './at-scale.ts';
import { metAt, quotasOf } from './aws-quotas.ts';
import type { Drawn, Opened } from './fleet-tables.ts';
import { PATHS, type PathName, type Taken } from './paths.ts';
import { writeScalingPage } from './scaling-page.ts';

export const title = 'To a million stores: what is read, written and sent, and the quotas that are met first';

const MEASURED = [1_000, 10_000] as const;
const SIZES = [10_000, 100_000, 1_000_000] as const;

export async function run(_options: Options): Promise<Outcome> {
  const assembly = await synthesize();
  const [small, large] = MEASURED;
  const measured: Measured = [
    { stores: small, taken: await measure(small, assembly) },
    { stores: large, taken: await measure(large, assembly) },
  ];
  const sizes = SIZES.map(stores => ({ stores, works: at(stores, measured) }));
  const { writes } = measured[1].taken.reports;
  const quotas = quotasOf({ writes: writes / large });
  const day = new Date().toISOString().slice(0, 10);
  const how = `Measured ${day}, Node ${process.versions.node}, at ${small.toLocaleString('en')} and ${large.toLocaleString('en')} stores.`;
  const rows: Row[] = [
    ...PATHS.flatMap(path =>
      measured.map(({ stores, taken }) => rowOf(`${path}, ${stores} stores`, taken[path])),
    ),
    ...sizes.flatMap(({ stores, works }) =>
      works.map(({ by, dollars, what }) => plain(`${stores} stores: ${what} (${by})`, dollars, '$')),
    ),
    ...quotas.map(quota => plain(`met by so many stores: ${quota.what}`, metAt(quota), 'stores')),
  ];
  return { rows, goals: [], writePage: () => writeScalingPage(sizes, quotas, how) };
}

async function measure(stores: number, assembly: string): Promise<Record<PathName, Taken>> {
  const tables = startPart(new URL('fleet-tables.ts', import.meta.url), { args: [assembly] });
  const { endpoint, environment } = (await tables.ask('open')) as Opened;
  const { connectionShards, receiptShards } = fleetSize(stores);
  const env = {
    ...environment,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    [Environment.connectionShards]: String(connectionShards),
    [Environment.receiptShards]: String(receiptShards),
  };
  const fleet = startPart(new URL('measured-fleet.ts', import.meta.url), { args: [String(stores)], env });
  try {
    await fleet.ask('join');
    const taken = {} as Record<PathName, Taken>;
    for (const path of PATHS) {
      const before = (await tables.ask('drawn')) as Drawn;
      const seconds = (await fleet.ask(path)) as number;
      const after = (await tables.ask('drawn')) as Drawn;
      taken[path] = { reads: after.reads - before.reads, writes: after.writes - before.writes, seconds };
    }
    return taken;
  } finally {
    await fleet.stop();
    await tables.stop();
  }
}

function rowOf(variant: string, { reads, writes }: Taken): Row {
  return plain(`${variant}, read and write units`, reads + writes, 'units');
}

function plain(variant: string, value: number, unit: string): Row {
  return { variant, median: value, unit, runs: [value] };
}
