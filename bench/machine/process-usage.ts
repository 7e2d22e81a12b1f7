/** What processes have used so far, as the system counts it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Usage {
  cpuMs: number;
  residentBytes: number;
}

export interface ProcessCount {
  pid: number;
  parent: number;
  cpuMs: number;
  /** Of its children that have ended, once it has waited for them; theirs are in it, too. */
  endedCpuMs: number;
}

/** Linux counts in hundredths of a second for whoever asks. */
const TICK_MS = 10;

export function usageOf(pid: number): Usage {
  return process.platform === 'linux' ? usageFromProc(pid) : usageFromPs(pid);
}

/** What the machine's cores have worked for anybody, in milliseconds. */
export function machineCpuMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** @returns undefined where the system has no /proc to tell */
export function allProcesses(): ProcessCount[] | undefined {
  if (process.platform !== 'linux') return undefined;
  // Parents mostly come first. A child that ends meanwhile is then left out until the next look, rather than counted twice.
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.flatMap(pid => {
    try {
      return [countOf(Number(pid))];
    } catch {
      return []; // It has ended since.
    }
  });
}

/** Of a process and all that descend from it, with those that have ended. */
export function treeCpuMs(processes: readonly ProcessCount[], root: number): number {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const below = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + used(child) + below(child.pid), 0);
  const own = processes.find(({ pid }) => pid === root);
  return below(root) + (own === undefined ? 0 : used(own));
}

function used({ cpuMs, endedCpuMs }: ProcessCount): number {
  return cpuMs + endedCpuMs;
}

function countOf(pid: number): ProcessCount {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // What follows the command's name, which may hold blanks itself.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return {
    pid,
    parent: fields[1] ?? 0,
    cpuMs: (user + system) * TICK_MS,
    endedCpuMs: (endedUser + endedSystem) * TICK_MS,
  };
}

function usageFromProc(pid: number): Usage {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: countOf(pid).cpuMs, residentBytes: Number(resident) * 1024 };
}

function usageFromPs(pid: number): Usage {
  const [resident = '', time = ''] = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], {
    encoding: 'utf8',
  })
    .trim()
    .split(/\s+/);
  return { cpuMs: secondsOf(time) * 1_000, residentBytes: Number(resident) * 1024 };
}

/** Of `MM:SS.hh` or `[DD-]HH:MM:SS`. */
export function secondsOf(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse();
  return Number(days) * 86_400 + clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
