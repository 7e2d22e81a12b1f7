/** Waits for what a till does, and makes sure of what it doesn't do: looked at whenever something has happened. */
import { Violation } from './violation.ts';

/** What a till must do is waited for so long, unless the rule says otherwise. Nothing of it is measured. */
const WITHIN_MS = 20_000;

export class Watch {
  readonly #looks = new Set<() => void>();
  readonly #patience: number;
  #failure: Error | undefined;

  /** @param patience how many times longer than usual a till may take for what has no time of its own */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Something has happened. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Whatever is waited for will not come any more. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.changed();
  }

  /**
   * @param look answers what is waited for, or undefined or false as long as it isn't there
   * @param what the till must do, as the rest of "the till did not …"
   * @throws Violation if it hasn't come within that time, the patience included
   */
  until<T>(look: () => T | undefined | false, what: string, withinMs = WITHIN_MS): Promise<T> {
    return this.#wait(withinMs * this.#patience, end => {
      const found = look();
      if (found !== undefined && found !== false) end.resolve(found);
    }).catch(error => {
      throw error === OVER ? new Violation(`the till did not ${what} within ${seconds(withinMs)}`) : error;
    }) as Promise<T>;
  }

  /**
   * @param look answers what must not happen, or a sentence that tells of it
   * @throws Violation as soon as it has happened
   */
  never(look: () => unknown, what: string, forMs: number): Promise<void> {
    return this.#wait(forMs, end => {
      const found = look();
      if (found) end.reject(new Violation(typeof found === 'string' ? found : `the till ${what}`));
    }).catch(error => {
      if (error !== OVER) throw error;
    }) as Promise<void>;
  }

  /** Lets time pass. @throws whatever has ended the scenario meanwhile */
  rest(ms: number): Promise<void> {
    return this.never(() => false, '', ms);
  }

  /** Gives a till time for what nobody sees, such as its writing to the disk. */
  leave(ms: number): Promise<void> {
    return this.rest(ms * this.#patience);
  }

  #wait(ms: number, look: (end: PromiseWithResolvers<unknown>) => void): Promise<unknown> {
    const end = Promise.withResolvers<unknown>();
    const check = (): void => {
      if (this.#failure !== undefined) end.reject(this.#failure);
      else look(end);
    };
    const timer = setTimeout(() => end.reject(OVER), ms);
    this.#looks.add(check);
    check();
    return end.promise.finally(() => {
      clearTimeout(timer);
      this.#looks.delete(check);
    });
  }
}

const OVER = new Error('the time is over');

function seconds(ms: number): string {
  return `${ms / 1_000} seconds`;
}
