/** Time that passes only while all wait: a broadcast of seconds takes none of the machine's. */
export class ModelTime {
  now = 0;
  readonly #sleepers: { at: number; wake: () => void }[] = [];

  readonly wait = (ms: number): Promise<void> =>
    new Promise(resolve => {
      const at = this.now + Math.max(0, ms);
      this.#sleepers.splice(this.#indexOf(at), 0, { at, wake: resolve });
    });

  /** Lets time pass until the work is done. */
  async passUntil<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const ended = work.finally(() => {
      isDone = true;
    });
    ended.catch(() => {});
    for (;;) {
      // All that can go on without time passing has gone on by then.
      await new Promise(resolve => setImmediate(resolve));
      if (isDone) return ended;
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error('all wait, and nobody for the time');
      this.now = next.at;
      next.wake();
      while (this.#sleepers[0]?.at === this.now) this.#sleepers.shift()?.wake();
    }
  }

  /** Behind those of the same time. */
  #indexOf(at: number): number {
    let [low, high] = [0, this.#sleepers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sleepers[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
