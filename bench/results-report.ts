/** Prints what was measured, keeps it in results.json, and brings it into the README. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { type Goal, isMet, type Outcome, type Retired, type Row } from './benchmark.ts';
import { isBusy } from './machine/others-share.ts';

export interface Results {
  /** By the name of the benchmark: each run replaces the ones that it ran, on a machine that was not busy. */
  benchmarks: Record<string, Measured>;
}

export interface Measured {
  title: string;
  date: string;
  machine: { processor: string; cores: number; memoryGb: number; platform: string };
  versions: { node: string };
  /** What others took of the machine's cores meanwhile; not there where the system does not tell. */
  othersPercent?: number;
  /** They took too much for a goal to be judged. */
  isBusy?: true;
  rows: Row[];
  goals: Outcome['goals'];
}

const resultsFile = new URL('results.json', import.meta.url);
const readmeFile = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- bench: written by npm run bench -->';
const END = '<!-- bench: end -->';

export function measured(title: string, { goals, rows }: Outcome, othersPercent?: number): Measured {
  const busy = isBusy(othersPercent);
  return {
    title,
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
    },
    versions: { node: process.versions.node },
    ...(othersPercent === undefined ? {} : { othersPercent: round(othersPercent) }),
    ...(busy ? { isBusy: true } : {}),
    rows,
    goals: busy ? [] : goals,
  };
}

export function print({ title, rows, goals, ...rest }: Measured): void {
  console.log(`\n${title}`);
  if (rows.some(({ figure }) => figure !== undefined)) console.table(sideBySide(rows));
  else {
    console.table(
      rows.map(({ variant, median, unit, timesLess }) => ({
        variant,
        median: describe({ median, unit }),
        ...(timesLess === undefined ? {} : { 'times less': round(timesLess) }),
      })),
    );
  }
  console.log(describeOthers(rest));
  for (const goal of goals) console.log(describeGoal(goal));
}

export function describeOthers({
  isBusy,
  othersPercent,
}: Pick<Measured, 'isBusy' | 'othersPercent'>): string {
  if (othersPercent === undefined)
    return 'what other processes took of the cores is not known on this system';
  const took = `other processes took ${othersPercent} % of the cores`;
  return isBusy ? `the machine was busy: ${took}, so no goal is judged` : took;
}

/** A line for each figure, a column for each variant. */
function sideBySide(rows: readonly Row[]): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {};
  for (const row of rows)
    table[row.figure ?? ''] = { ...table[row.figure ?? ''], [row.variant]: describe(row) };
  return table;
}

function describe({ median, unit }: Pick<Row, 'median' | 'unit'>): string {
  return median === null ? '–' : `${round(median)} ${unit}`.trimEnd();
}

export function readResults(): Results {
  return existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : { benchmarks: {} };
}

/** What earlier runs have left, and these: those of a busy machine only where there are none yet. */
export function together({ benchmarks }: Results, measurements: Record<string, Measured>): Results {
  const kept = Object.entries(measurements).filter(
    ([name, { isBusy }]) => !isBusy || !Object.hasOwn(benchmarks, name),
  );
  return { benchmarks: { ...benchmarks, ...Object.fromEntries(kept) } };
}

export function save(measurements: Record<string, Measured>): Results {
  const results = together(readResults(), measurements);
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

/** The README's table is nothing but results.json. */
export function writeReadmeTable({ benchmarks }: Results): void {
  const readme = readFileSync(readmeFile, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the table: ${BEGIN} … ${END}`);
  const table = headlineTable(Object.values(benchmarks).flatMap(({ goals }) => goals));
  writeFileSync(readmeFile, `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`);
}

export function headlineTable(goals: Outcome['goals']): string {
  const lines = goals.map(goal => `| ${goal.what} | **${round(goal.value)}${goal.unit}** | ${bound(goal)} |`);
  return ['| what | measured | goal |', '| --- | --- | --- |', ...lines].join('\n');
}

export function describeGoal(goal: Goal | Retired): string {
  const measured = `${goal.what}: ${round(goal.value)}${goal.unit}`;
  if ('retired' in goal) return `· ${measured} (${bound(goal)})`;
  const moonshot = `${goal.moonshot}${goal.unit}`;
  return `${isMet(goal) ? '✔' : '✖'} ${measured} (must: ${bound(goal)}, moonshot: ${moonshot})`;
}

function bound(goal: Goal | Retired): string {
  if ('retired' in goal) return `none: ${goal.retired}`;
  const { better, must, unit } = goal;
  return `${better === 'more' ? '≥' : '≤'} ${must}${unit}`;
}

function round(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 4 : 3));
}
