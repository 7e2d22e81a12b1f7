/** Where a client keeps what it must not forget. It writes one text, whole, and reads it at its start. */
export interface ClientStorage {
  /** What was saved last; undefined if nothing was. */
  load(): Promise<string | undefined>;
  /** Replaces what was saved, wholly or not at all, and durably once it resolves. */
  save(state: string): Promise<void>;
  /** Puts a state that can't be read out of the way, if that is possible, and answers where it lies now. */
  setAside?(): Promise<string>;
}

/** Something saved that is torn, or that another program or version wrote. */
export class UnreadableStateError extends Error {
  override readonly name = 'UnreadableStateError';
}

/** Forgets with the process: every start begins with a sync from the start. */
export function memoryStorage(): ClientStorage {
  let saved: string | undefined;
  return {
    load: async () => saved,
    save: async state => {
      saved = state;
    },
  };
}
