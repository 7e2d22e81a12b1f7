/** What others take of the machine's cores while a benchmark runs. More than a tenth, and its figures are theirs as well. */
import { cpus } from 'node:os';
import { allProcesses, machineCpuMs, type ProcessCount, treeCpuMs } from './process-usage.ts';

const BUSY_PERCENT = 10;
const LOOK_MS = 5_000;

/** What was counted at one moment, in milliseconds. */
export interface Look {
  at: number;
  /** Of all cores, by anybody. */
  machineCpuMs: number;
  processes: readonly ProcessCount[] | undefined;
}

export function isBusy(othersPercent: number | undefined): boolean {
  return (othersPercent ?? 0) > BUSY_PERCENT;
}

export class OthersShare {
  readonly #root: number;
  readonly #first: Look;
  #last: Look;
  #ownCpuMs = 0;

  /** @param root this process and what descends from it are not the others */
  constructor(root: number, first: Look) {
    this.#root = root;
    this.#first = first;
    this.#last = first;
  }

  add(look: Look): void {
    // A process whose parent has ended before it leaves the tree, and takes what it was counted for along.
    this.#ownCpuMs += Math.max(0, this.#treeOf(look) - this.#treeOf(this.#last));
    this.#last = look;
  }

  /** Of all cores since the first look. Undefined where the system does not tell whose they were. */
  percent(cores: number): number | undefined {
    if (this.#last.processes === undefined) return undefined;
    const others = this.#last.machineCpuMs - this.#first.machineCpuMs - this.#ownCpuMs;
    return (100 * Math.max(0, others)) / ((this.#last.at - this.#first.at) * cores);
  }

  #treeOf({ processes = [] }: Look): number {
    return treeCpuMs(processes, this.#root);
  }
}

export interface Watched<T> {
  result: PromiseSettledResult<T>;
  /** Undefined where that is not known. */
  othersPercent: number | undefined;
}

/** Looks each few seconds, too: see {@link OthersShare.add}. */
export async function besideOthers<T>(work: () => Promise<T>): Promise<Watched<T>> {
  const share = new OthersShare(process.pid, look());
  const timer = setInterval(() => share.add(look()), LOOK_MS);
  const [result] = await Promise.allSettled([work()]);
  clearInterval(timer);
  share.add(look());
  return { result, othersPercent: share.percent(cpus().length) };
}

function look(): Look {
  return { at: performance.now(), machineCpuMs: machineCpuMs(), processes: allProcesses() };
}
