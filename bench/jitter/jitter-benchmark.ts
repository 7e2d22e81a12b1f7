/** (i) Lines that break all the time, and a server that is killed: what arrives, once, in time, and proven. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../cli/leftovers.ts';
import type { Options } from '../bench-options.ts';
import type { Goal, Outcome, Row } from '../benchmark.ts';
import { NotInstalledError } from '../npm-install.ts';
import { startPart } from '../processes.ts';
import { type Candidate, candidates, OURS } from './candidates.ts';
import { DOUBLED, type Figure, LATE, MISSED, PROVEN, REPLAY } from './trial-figures.ts';

const STORES = 1_000;

export const title = `${STORES} stores, updates at two a second, lines cut each 15 s, then the server killed and started again`;

export async function run({ stores = STORES }: Options): Promise<Outcome> {
  // What was started and what was installed ends with this process, however that ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const folder = temporaryFolder('storecast-bench-jitter');
  const rows: Row[] = [];
  for (const candidate of candidates)
    rows.push(...(await rowsOf(candidate, join(folder, candidate.peer), stores)));
  return { rows: byFigure(rows), goals: goalsOf(rows, stores) };
}

/** One row where it could not be installed, or did not get through its trial: that is no fault of the others. */
async function rowsOf(candidate: Candidate, folder: string, stores: number): Promise<Row[]> {
  const packages = join(folder, 'packages');
  const data = join(folder, 'data');
  for (const directory of [packages, data]) mkdirSync(directory, { recursive: true });
  try {
    const { own, variant } = await candidate.prepare(packages);
    console.log(`  ${variant} …`);
    const figures = await tryOut([candidate.peer, data, packages, own], stores);
    return figures.map(figure => rowOf(variant, figure));
  } catch (error) {
    const why = error instanceof NotInstalledError ? 'not installed' : 'ended before its trial did';
    const message = error instanceof Error ? error.message : String(error);
    console.error(`  ${candidate.name}: ${why}: ${message}`);
    return [
      {
        variant: candidate.name,
        figure: `${why}: ${message.split('\n')[0]}`,
        median: null,
        unit: '',
        runs: [],
      },
    ];
  }
}

async function tryOut(args: string[], stores: number): Promise<Figure[]> {
  const trial = startPart(new URL('trial-process.ts', import.meta.url), { args });
  try {
    return (await trial.ask({ stores })) as Figure[];
  } finally {
    await trial.stop();
  }
}

function rowOf(variant: string, { name, unit, value }: Figure): Row {
  return { variant, figure: name, median: value, unit, runs: value === null ? [] : [value] };
}

/** Side by side what is compared. */
function byFigure(rows: readonly Row[]): Row[] {
  const figures = new Set(rows.map(({ figure }) => figure));
  return [...figures].flatMap(figure => rows.filter(row => row.figure === figure));
}

function goalsOf(rows: readonly Row[], stores: number): Goal[] {
  if (Number.isNaN(figureOf(rows, MISSED))) return [];
  const fleet = `${stores.toLocaleString('en')} stores whose lines are cut each 15 s, and a restart`;
  return [
    {
      what: `updates missed, had twice or applied after their end by ${fleet}`,
      value: figureOf(rows, MISSED) + figureOf(rows, DOUBLED) + figureOf(rows, LATE),
      unit: '',
      must: 0,
      moonshot: 0,
      better: 'less',
    },
    {
      what: 'of the prices that these stores applied, proven by receipts',
      value: figureOf(rows, PROVEN),
      unit: ' %',
      must: 100,
      moonshot: 100,
      better: 'more',
    },
    replayGoal(rows),
  ];
}

/** Who loses has less to replay. */
function replayGoal(rows: readonly Row[]): Goal {
  const peers = new Set(rows.map(({ variant }) => variant));
  peers.delete(OURS);
  const faithful = [...peers].filter(peer => figureOf(rows, MISSED, peer) === 0);
  return {
    what: 'their replay after a cut, p99, times that of the quickest peer that loses nothing',
    value: figureOf(rows, REPLAY) / Math.min(...faithful.map(peer => figureOf(rows, REPLAY, peer))),
    unit: '×',
    must: 1,
    moonshot: 0.5,
    better: 'less',
  };
}

function figureOf(rows: readonly Row[], figure: string, variant = OURS): number {
  return rows.find(row => row.figure === figure && row.variant === variant)?.median ?? Number.NaN;
}
