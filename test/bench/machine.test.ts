import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { besideOthers, isBusy, type Look, OthersShare } from '../../bench/machine/others-share.ts';
import { allProcesses, secondsOf } from '../../bench/machine/process-usage.ts';
import { describeOthers, measured, type Results, together } from '../../bench/results-report.ts';

const BENCH = 10;
const count = (pid: number, parent: number, cpuMs: number, endedCpuMs = 0) => ({
  pid,
  parent,
  cpuMs,
  endedCpuMs,
});
const look = (at: number, machineCpuMs: number, processes: Look['processes']): Look => ({
  at,
  machineCpuMs,
  processes,
});

describe('what others take of the cores', () => {
  it('is what neither the benchmark nor any of its descendants took, ended ones included', () => {
    const share = new OthersShare(BENCH, look(0, 5_000, [count(1, 0, 4_000), count(BENCH, 1, 100, 50)]));
    const processes = [
      count(1, 0, 4_300),
      count(BENCH, 1, 200, 350),
      count(20, BENCH, 200),
      count(30, 20, 100),
    ];
    share.add(look(1_000, 6_000, processes));
    expect(share.percent(2)).toBe(15);
  });

  it('does not hand to the others what an orphan had used before it left the tree', () => {
    const share = new OthersShare(BENCH, look(0, 0, [count(BENCH, 1, 0)]));
    share.add(look(5_000, 4_000, [count(BENCH, 1, 0), count(20, BENCH, 0), count(30, 20, 4_000)]));
    share.add(look(10_000, 4_500, [count(BENCH, 1, 0), count(30, 1, 4_500)]));
    expect(share.percent(1)).toBe(5);
  });

  it('is not known where the system does not tell whose they were, and holds nothing up', () => {
    const share = new OthersShare(BENCH, look(0, 0, undefined));
    share.add(look(1_000, 900, undefined));
    expect(share.percent(1)).toBeUndefined();
    expect(isBusy(undefined)).toBe(false);
    expect(describeOthers({})).toMatch(/not known/);
  });

  it('counts the work of a child that has ended as our own', async () => {
    const ended = () => allProcesses()?.find(({ pid }) => pid === process.pid)?.endedCpuMs ?? 0;
    const before = ended();
    const burn = 'while (process.cpuUsage().user < 60_000);';
    const { othersPercent } = await besideOthers(async () => execFileSync(process.execPath, ['-e', burn]));
    // Elsewhere nothing is known.
    expect(othersPercent !== undefined).toBe(process.platform === 'linux');
    if (othersPercent !== undefined) expect(ended() - before).toBeGreaterThanOrEqual(40);
  });
});

it('reads the times that ps tells, of macOS and of others', () => {
  expect(secondsOf('1:02.50')).toBe(62.5);
  expect(secondsOf('1-02:03:04')).toBe(93_784);
});

describe('a busy machine', () => {
  const outcome = {
    rows: [{ variant: 'ours', median: 3, unit: 'ms', runs: [3] }],
    goals: [{ what: 'ours', value: 3, unit: 'ms', must: 2, moonshot: 1, better: 'less' } as const],
  };
  const quiet = measured('Quiet', outcome, 9.9);
  const busy = measured('Busy', outcome, 34.56);

  it('is told, with how much others took, and no goal is judged by it', () => {
    expect(busy).toMatchObject({ isBusy: true, othersPercent: 34.6, rows: outcome.rows, goals: [] });
    expect(describeOthers(busy)).toBe(
      'the machine was busy: other processes took 34.6 % of the cores, so no goal is judged',
    );
    expect(quiet.goals).toEqual(outcome.goals);
    expect(describeOthers(quiet)).toBe('other processes took 9.9 % of the cores');
  });

  it('leaves what a quiet one has measured, and gives way to what a quiet one measures', () => {
    const none: Results = { benchmarks: {} };
    const kept = (earlier: Results, next: typeof quiet) =>
      together(earlier, { sales: next }).benchmarks.sales;
    expect(kept({ benchmarks: { sales: quiet } }, busy)).toBe(quiet);
    expect(kept({ benchmarks: { sales: busy } }, quiet)).toBe(quiet);
    expect(kept(none, busy)).toBe(busy);
  });
});
