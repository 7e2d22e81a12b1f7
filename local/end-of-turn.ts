/**
 * Does at the end of a turn of the event loop what was put off until then. Writes to sockets are: one after the other they
 * wake whoever receives them a few times, where a write between any two requests would wake him for each. That is a third of
 * the CPU of a broadcast.
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
