/** The environments of one function: how many run side by side, which invocations wait, and which are throttled. */

import type { Faults } from '../cloud-options.ts';
import { countInvocation } from './billed-invocation.ts';
import { Environment, type RunOutcome } from './execution-environment.ts';
import type { FunctionDefinition, LambdaDependencies } from './function-definition.ts';
import { runtimeExited } from './runtime-errors.ts';

export type Outcome = RunOutcome | { throttled: true };

/**
 * An invocation that has waited so long is throttled, unless its asker says whether it still waits. On AWS it would have an
 * environment of its own; here it can only wait, and those who ask in the name of a queue ask again later.
 */
const LONGEST_WAIT_MS = 8_000;

/**
 * Once somebody has waited so long, the newest is served first. Whoever waits for long asks again, so the oldest in the
 * line are mostly repeated by others behind them; served in their order, each answer would come too late to be of use.
 */
const LONG_WAIT_MS = 1_000;

/**
 * A function has as many environments at work as the machine has cores: more of them do the same work, and each has to be
 * started, compiles the code for itself and wakes other threads. But work may also wait: for its own timers, or for AWS's
 * throttle. Once no invocation has ended for so long, the next one gets an environment besides, unless this thread has been
 * busy for half of that time: then all wait for it, and one more would, too.
 */
const STANDSTILL_MS = 100;
const { eventLoopUtilization } = performance;

/** AWS takes environments back that nothing was run in for some minutes; a storm's would else stay until the end. */
const IDLE_MS = 5 * 60_000;

/**
 * Whether somebody still waits for the answer. As long as there is, an invocation waits for an environment, and then it is
 * run for nobody: a fleet asks again whatever is not answered, and what it has given up must not be in its way.
 */
export type Asker = () => boolean;

interface Waiting {
  since: number;
  isAwaited: Asker | undefined;
  take: (environment: Environment | 'none' | undefined) => void;
}

type Crash = Exclude<ReturnType<NonNullable<Faults['invoke']>>, 'throttle'>;

export class FunctionPool {
  readonly #definition: FunctionDefinition;
  readonly #dependencies: LambdaDependencies;
  readonly #environments = new Set<Environment>();
  readonly #idle: { environment: Environment; keep: () => void }[] = [];
  /** In the order in which they asked. */
  readonly #waiting: Waiting[] = [];
  readonly #active = new Set<Promise<Outcome>>();
  /** Runs while somebody waits, from the end of the latest invocation on. */
  #standstill: NodeJS.Timeout | undefined;
  /** When it began to run. */
  #utilization = eventLoopUtilization();
  #released = 0;
  #stopped = false;

  constructor(definition: FunctionDefinition, dependencies: LambdaDependencies) {
    this.#definition = definition;
    this.#dependencies = dependencies;
  }

  /** Runs the function once, after those that asked before, unless the line is long; `payload` is JSON text. */
  async invoke(requestId: string, payload: string, isAwaited?: Asker): Promise<Outcome> {
    if (this.#stopped) return { stopped: true };
    const fault = this.#dependencies.faults.invoke?.(this.#definition.name);
    // "Configuring reserved concurrency". Those that wait count: on AWS they would have environments of their own.
    const reserved = this.#definition.reservedConcurrency ?? Number.POSITIVE_INFINITY;
    if (fault === 'throttle' || this.#active.size >= reserved) return { throttled: true };
    const run = this.#run(requestId, payload, fault, isAwaited);
    this.#active.add(run);
    try {
      return await run;
    } finally {
      this.#active.delete(run);
    }
  }

  /** Waits until no invocation is under way. */
  async settle(): Promise<void> {
    while (this.#active.size > 0) await Promise.allSettled(this.#active);
  }

  /** Starts nothing more, gives what runs `graceMs` to end, then ends the workers. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#standstill);
    for (const { take } of this.#waiting.splice(0)) take(undefined);
    await withinRealTime(graceMs, Promise.all(this.#active));
    await Promise.all([...this.#environments].map(environment => environment.terminate({ stopped: true })));
  }

  async #run(
    requestId: string,
    payload: string,
    fault: Crash,
    isAwaited: Asker | undefined,
  ): Promise<Outcome> {
    const environment = await this.#acquire(isAwaited);
    if (!environment) return { stopped: true };
    if (environment === 'none') return { throttled: true };
    const crashed = { functionError: runtimeExited(requestId, 'signal: killed') };
    let timer: NodeJS.Timeout | undefined;
    // By the real clock, as the handler's work is.
    if (typeof fault === 'object')
      timer = setTimeout(() => void environment.terminate(crashed), fault.crashAfterMs);
    try {
      const outcome =
        fault === 'crash-before' ? undefined : await this.#runIn(environment, requestId, payload);
      if (outcome && fault !== 'crash-after') return outcome;
      await environment.terminate(crashed);
      return crashed;
    } finally {
      clearTimeout(timer);
      this.#release(environment);
    }
  }

  async #runIn(environment: Environment, requestId: string, payload: string): Promise<RunOutcome> {
    const startedAt = performance.now();
    const outcome = await environment.run(requestId, payload);
    const { usage } = this.#dependencies;
    if (usage && !('stopped' in outcome))
      countInvocation(usage, this.#definition, performance.now() - startedAt);
    return outcome;
  }

  #acquire(isAwaited: Asker | undefined): Environment | Promise<Environment | 'none' | undefined> {
    const { environmentsAtOnce, environmentsPerFunction } = this.#dependencies.limits;
    if (this.#atWork < Math.min(environmentsAtOnce, environmentsPerFunction)) return this.#free();
    if (this.#standstill === undefined) this.#watchLine();
    return new Promise(resolve => {
      const waiting: Waiting = {
        since: performance.now(),
        isAwaited,
        take(environment) {
          clearTimeout(timer);
          resolve(environment);
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.take('none');
      };
      const timer = isAwaited ? undefined : setTimeout(giveUp, LONGEST_WAIT_MS);
      this.#waiting.push(waiting);
    });
  }

  get #atWork(): number {
    return this.#environments.size - this.#idle.length;
  }

  // The environment used last comes first, as on AWS: under a light load one stays warm and the others rest.
  #free(): Environment {
    const idle = this.#idle.pop();
    idle?.keep();
    return idle?.environment ?? this.#start();
  }

  #release(environment: Environment): void {
    if (environment.dead) this.#environments.delete(environment);
    const next = this.#nextInLine();
    if (next) next.take(environment.dead ? this.#start() : environment);
    else if (!environment.dead) this.#rest(environment);
    this.#released += 1;
    if (next) this.#watchLine();
    else this.#endStandstill();
  }

  #watchLine(): void {
    this.#utilization = eventLoopUtilization();
    this.#standstill = this.#standstill?.refresh() ?? setTimeout(() => this.#stoodStill(), STANDSTILL_MS);
  }

  // A thread that was busy itself has messages of ended invocations to read, which come before the immediate.
  #stoodStill(): void {
    const released = this.#released;
    setImmediate(() => {
      if (!this.#stopped && released === this.#released) this.#widen();
    });
  }

  #widen(): void {
    const isStarting = [...this.#environments].some(environment => environment.isStarting);
    const isFull = this.#atWork >= this.#dependencies.limits.environmentsPerFunction;
    const isBusy = eventLoopUtilization(this.#utilization).active > STANDSTILL_MS / 2;
    if (!isStarting && !isFull && !isBusy) this.#nextInLine()?.take(this.#free());
    if (this.#waiting.length === 0) this.#endStandstill();
    else this.#watchLine();
  }

  #endStandstill(): void {
    clearTimeout(this.#standstill);
    this.#standstill = undefined;
  }

  #nextInLine(): Waiting | undefined {
    for (;;) {
      const [oldest] = this.#waiting;
      const isLong = oldest !== undefined && performance.now() - oldest.since > LONG_WAIT_MS;
      // Also where the newest is served: one that is gone would make the line look long.
      const isOldestGone = oldest?.isAwaited?.() === false;
      const next = isLong && !isOldestGone ? this.#waiting.pop() : this.#waiting.shift();
      if (next?.isAwaited?.() !== false) return next;
      next.take('none');
    }
  }

  #rest(environment: Environment): void {
    const resting = {
      environment,
      keep: this.#dependencies.clock.after(IDLE_MS, () => {
        this.#idle.splice(this.#idle.indexOf(resting), 1);
        this.#environments.delete(environment);
        void environment.terminate({ stopped: true });
      }),
    };
    this.#idle.push(resting);
  }

  #start(): Environment {
    const environment = new Environment(this.#definition, this.#dependencies);
    this.#environments.add(environment);
    return environment;
  }
}

async function withinRealTime(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise(resolve => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
