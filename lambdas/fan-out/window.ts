/**
 * Counts the posts in flight, and wakes who waits for a place among them. A promise chained for each post would cost more
 * than the window itself. A post that waits for its next attempt gives its place to others.
 */
export class Window {
  readonly #size: number;
  #underWay = 0;
  /** Posts that wait for their next attempt, without a place: as many as have one at most. */
  #aside = 0;
  readonly #waiting: (() => void)[] = [];
  #emptied: (() => void) | undefined;
  #failure: { error: unknown } | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Takes a place.
   *
   * @returns undefined if there is one, else the promise of it
   * @throws the unexpected error of another post, which fails the whole
   */
  enter(): Promise<void> | undefined {
    this.#rethrow();
    if (this.#underWay < this.#size) {
      this.#underWay += 1;
      return undefined;
    }
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** The first error fails the whole. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#underWay -= 1;
    else next();
    if (this.#isEmpty) this.#emptied?.();
  }

  /** Pauses without a place, and takes one again. */
  async aside(pause: () => Promise<void>): Promise<void> {
    // Where everything fails, the posts that wait bound those that are tried.
    if (this.#aside === this.#size) return pause();
    this.#aside += 1;
    this.leave();
    await pause();
    this.#aside -= 1;
    if (this.#underWay < this.#size) this.#underWay += 1;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  /** Once no post is under way. @throws the error that failed the whole */
  async emptied(): Promise<void> {
    if (!this.#isEmpty) {
      await new Promise<void>(resolve => {
        this.#emptied = resolve;
      });
    }
    this.#rethrow();
  }

  get #isEmpty(): boolean {
    return this.#underWay === 0 && this.#aside === 0;
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
