/** The cloud's process seen from outside: it dies by `kill -9` and comes back on the same data, at another address. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Part, startPart } from '../../bench/processes.ts';
import { loadTarget, type Target } from '../../cli/target.ts';
import { type CloudFaults, NO_FAULTS } from './faults.ts';
import type { Figures, Question } from './mortal-cloud-process.ts';

export interface Memory {
  /** Milliseconds since the process started. */
  at: number;
  rss: number;
  heapUsed: number;
}

export class MortalCloud {
  readonly #assembly: string;
  readonly #data: string;
  readonly #seed: number;
  /** In its lives before. */
  readonly #injected = new Map<string, number>();
  /** Resolves once its process has ended by itself, with how: nothing is answered from then on. */
  readonly died: Promise<Error>;
  #die: (error: Error) => void = () => {};
  #isDead = false;
  #part: Part | undefined;
  #target: Target | undefined;
  #lives = 0;
  #faults = NO_FAULTS;
  #startedAt = 0;
  /** Of the process that lives now. */
  #memory: Memory[] = [];
  /** Questions, and deaths, one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: { assembly: string; data: string; seed: number }) {
    this.#assembly = options.assembly;
    this.#data = options.data;
    this.#seed = options.seed;
    this.died = new Promise(resolve => {
      this.#die = resolve;
    });
  }

  /** Its address and clients change with each life. */
  get target(): Target {
    if (this.#target === undefined) throw new Error('the cloud has not started yet');
    return this.#target;
  }

  get memory(): readonly Memory[] {
    return this.#memory;
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /** `kill -9`, and a start on the same data. */
  killAndRestart(): Promise<void> {
    return this.#inTurn(async () => {
      for (const [what, times] of Object.entries(await this.#takeFigures()))
        this.#injected.set(what, (this.#injected.get(what) ?? 0) + times);
      await this.#part?.kill();
      await this.#start();
    });
  }

  /** No file of its process can grow any more, until it is killed. @returns false where the system has no `prlimit` */
  fillDisk(): Promise<boolean> {
    return this.#inTurn(async () => {
      const limit = ['--pid', String(this.#part?.pid), '--fsize=4096:unlimited'];
      return spawnSync('prlimit', limit).status === 0;
    });
  }

  inject(faults: CloudFaults): Promise<void> {
    return this.#inTurn(async () => {
      this.#faults = faults;
      await this.#ask({ faults });
    });
  }

  advance(advanceMs: number): Promise<void> {
    return this.#inTurn(async () => void (await this.#ask({ advanceMs })));
  }

  /** What was injected so far, over all its lives. @remarks also takes a sample of its memory */
  injected(): Promise<ReadonlyMap<string, number>> {
    return this.#inTurn(async () => {
      const current = await this.#takeFigures();
      const sum = new Map(this.#injected);
      for (const [what, times] of Object.entries(current)) sum.set(what, (sum.get(what) ?? 0) + times);
      return sum;
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isDead) await this.#ask('stop');
      await this.#part?.stop();
    });
  }

  async #start(): Promise<void> {
    this.#lives += 1;
    this.#part = startPart(new URL('mortal-cloud-process.ts', import.meta.url), {
      args: [this.#assembly, this.#data, String(this.#seed + this.#lives)],
    });
    void this.#part.died.then(error => {
      this.#isDead = true;
      this.#die(error);
    });
    await this.#ask('ready');
    await this.#ask({ faults: this.#faults });
    this.#target = loadTarget(join(this.#data, 'outputs.json'));
    this.#startedAt = performance.now();
    this.#memory = [];
  }

  async #takeFigures(): Promise<Record<string, number>> {
    const { injected, memory } = (await this.#ask('figures')) as Figures;
    this.#memory.push({ at: performance.now() - this.#startedAt, ...memory });
    return injected;
  }

  async #ask(question: Question): Promise<unknown> {
    return this.#part?.ask(question);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
