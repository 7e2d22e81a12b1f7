/**
 * One thing at a time, in the order of arrival: applications apply updates one by one, and positions, book and
 * receipts change together, so that a saved state is never half of an update.
 */
export class SerialQueue {
  #tail: Promise<void> = Promise.resolve();
  #length = 0;
  #closed = false;
  readonly #onIdle: () => void;
  readonly #onError: (error: unknown) => void;

  /** @param onError a task threw: a fault of the client itself, since tasks handle what an application throws */
  constructor(onIdle: () => void, onError: (error: unknown) => void) {
    this.#onIdle = onIdle;
    this.#onError = onError;
  }

  run(task: () => void | Promise<void>): void {
    this.#length += 1;
    this.#tail = this.#tail.then(() => this.#step(task));
  }

  /** Drops what has not begun; resolves when what has is done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }

  async #step(task: () => void | Promise<void>): Promise<void> {
    try {
      if (!this.#closed) await task();
    } catch (error) {
      this.#onError(error);
    }
    this.#length -= 1;
    if (this.#length === 0 && !this.#closed) this.#onIdle();
  }
}
