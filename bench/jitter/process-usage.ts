/** What another process has used so far, as the system counts it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Usage {
  cpuMs: number;
  residentBytes: number;
}

/** Linux counts in hundredths of a second for whoever asks. */
const TICK_MS = 10;
/** Of what follows the command's name in /proc/PID/stat, which may hold blanks itself. */
const USER_TICKS = 11;

export function usageOf(pid: number): Usage {
  return process.platform === 'linux' ? usageFromProc(pid) : usageFromPs(pid);
}

/** What the machine's cores have worked for anybody, in milliseconds. */
export function machineCpuMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

function usageFromProc(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[USER_TICKS]) + Number(fields[USER_TICKS + 1]);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: ticks * TICK_MS, residentBytes: Number(resident) * 1024 };
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
