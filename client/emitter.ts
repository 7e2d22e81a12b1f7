/** Typed events without Node's EventEmitter, which browsers lack. */
export type Listener<T> = (event: T) => void;

export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `listener` at each such event from now on; the answer unsubscribes it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // Its own function, so that the same listener subscribed twice is called, and unsubscribed, twice.
    const subscription: Listener<Events[Name]> = event => listener(event);
    listeners.add(subscription);
    return () => listeners.delete(subscription);
  }

  /** A listener that throws breaks neither the others nor the line: its error surfaces as an uncaught one. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as Listener<Events[Name]>)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
