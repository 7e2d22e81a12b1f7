/** A map that knows which of its entries have changed, so that a till saves those alone. */

/** Entries as they are now, each in place of the one of its key; null where it is gone. */
export type Changed<V> = [key: string, entry: V | null][];

export class TrackedMap<V> extends Map<string, V> {
  /** Undefined until somebody asks: a book that nobody saves notes nothing. */
  #changed: Set<string> | undefined;

  constructor(entries: Iterable<readonly [string, V]> = []) {
    super();
    for (const [key, entry] of entries) super.set(key, entry);
  }

  override set(key: string, entry: V): this {
    this.#changed?.add(key);
    return super.set(key, entry);
  }

  override delete(key: string): boolean {
    this.#changed?.add(key);
    return super.delete(key);
  }

  /** What has changed since this was asked last; undefined the first time, where all has. */
  takeChanges(): Changed<V> | undefined {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed && [...changed].map(key => [key, this.get(key) ?? null]);
  }
}

/** What a part of these changes, one after the other, leaves of the entries. */
export function withChanged<V, Part extends string>(
  entries: Iterable<readonly [string, V]>,
  changes: readonly Record<Part, Changed<NoInfer<V>>>[],
  part: Part,
): Map<string, V> {
  const result = new Map(entries);
  for (const change of changes) {
    for (const [key, entry] of change[part]) {
      if (entry === null) result.delete(key);
      else result.set(key, entry);
    }
  }
  return result;
}
