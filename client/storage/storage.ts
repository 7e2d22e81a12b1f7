/**
 * Where a client keeps what it must not forget: one text, which it reads at its start. It is written whole, 10 MB for a book of
 * 50,000 prices, unless the storage can add to it.
 */
export interface ClientStorage {
  /** What was saved last, with all that was added to it since; undefined if nothing was saved. */
  load(): Promise<string | undefined>;
  /** Replaces all that was saved and added, wholly or not at all, and durably once it resolves. */
  save(state: string): Promise<void>;
  /**
   * Adds to the end of what was saved, durably once it resolves. A crash may leave any part of the last addition, from its
   * beginning; where this rejects, too, for the client goes on with `save`. Only called after a `load` or `save` that resolved.
   */
  append?(change: string): Promise<void>;
  /** Puts a state that can't be read out of the way, if that is possible, and answers where it lies now. */
  setAside?(): Promise<string>;
}

/** Something saved that is torn, or that another program or version wrote. */
export class UnreadableStateError extends Error {
  override readonly name = 'UnreadableStateError';
}

/** Forgets with the process: every start begins with a sync from the start. */
export function memoryStorage(): ClientStorage {
  let saved: string[] = [];
  return withAppend(
    {
      load: async () => (saved.length === 0 ? undefined : saved.join('')),
      save: async state => {
        saved = [state];
      },
    },
    async change => void saved.push(change),
  );
}

/** Whoever spreads a storage, to give it a `save` of their own, doesn't get `append` with it: it would go past that `save`. */
export function withAppend(
  storage: ClientStorage,
  append: NonNullable<ClientStorage['append']>,
): ClientStorage {
  return Object.defineProperty(storage, 'append', { value: append });
}
