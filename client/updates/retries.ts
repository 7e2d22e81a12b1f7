/**
 * Updates that the application could not take yet. Each is tried again on its own, ever more rarely, so that one that
 * never succeeds keeps no other from the till. They are saved: a restart goes on with them.
 */
import { type Changed, TrackedMap } from '../../domain/book/tracked-map.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';

export interface RetriesOptions {
  clock: Clock;
  /** One for each update. */
  backoff: () => Backoff;
  /** It is time to try this one again; then it is `taken`, or comes here `again`. */
  due: (update: UpdateFrame) => void;
}

interface Waiting {
  update: UpdateFrame;
  backoff: Backoff;
  cancel: () => void;
}

export class Retries {
  readonly #options: RetriesOptions;
  readonly #waiting = new TrackedMap<Waiting>();

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  /** The application failed with it, for the first time or again. */
  again(update: UpdateFrame): void {
    const { clock, due } = this.#options;
    const known = this.#waiting.get(update.id);
    known?.cancel();
    const backoff = known?.backoff ?? this.#options.backoff();
    const cancel = clock.after(backoff.next(), () => due(update));
    // Nothing to save where it only waits longer.
    if (known?.update === update) known.cancel = cancel;
    else this.#waiting.set(update.id, { update, backoff, cancel });
  }

  /** Whether it still waits: another whole may have taken its place. */
  holds(id: string): boolean {
    return this.#waiting.has(id);
  }

  taken(id: string): void {
    this.#waiting.get(id)?.cancel();
    this.#waiting.delete(id);
  }

  /** These take the place of all. */
  replace(updates: readonly UpdateFrame[]): void {
    for (const id of this.#waiting.keys()) this.taken(id);
    for (const update of updates) this.again(update);
  }

  stop(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
  }

  snapshot(): UpdateFrame[] {
    return [...this.#waiting.values()].map(({ update }) => update);
  }

  /** What has changed since this was asked last; undefined the first time: everything. */
  takeChanges(): Changed<UpdateFrame> | undefined {
    return this.#waiting.takeChanges(({ update }) => [update]);
  }
}
