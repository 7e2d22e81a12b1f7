/**
 * Runs tasks at the end of a turn of the event loop. Writes to sockets wait for it: made one after the other they wake
 * their receiver a few times, while a write after each request would wake it each time. That is a third of the CPU of a
 * broadcast.
 */
export class EndOfTurn {
  #tasks: (() => void)[] = [];

  /** Tasks are done in their order. They must not throw. */
  add(task: () => void): void {
    if (this.#tasks.push(task) === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task();
  }
}
